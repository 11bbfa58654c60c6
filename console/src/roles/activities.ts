// What a role may be made for, as one thinks of it: each activity is some statements of the tight
// policy (`tight-policy.json`), and names of its own in the two that speak of all work.

export interface Activity {
  id: string;
  label: string;
  about: string;
  /** Statements that it needs as they stand. */
  sids: string[];
  /** Of SageMaker's work: what is created, and what is done to what is there. */
  creates?: string[];
  works?: string[];
}

const MADE = ["TagWhatIsCreated"];
const verbs = (words: string[], nouns: string[]) =>
  nouns.flatMap((noun) => words.map((word) => `${word}${noun}`));

/** Statements that no activity may leave out: they only deny. */
export const ALWAYS = ["KeepDomainTags"];

export const ACTIVITIES: Activity[] = [
  {
    id: "studio",
    label: "Run Studio applications",
    about: "Start, open and stop one's own notebooks and those of shared spaces; make spaces.",
    sids: [
      ...["SeeOwnDomain", "OwnApps", "SharedApps", "PrivateApps"],
      ...["OwnSpaces", "SharedSpaces", "OpenOwnApps", "TagWhatIsCreated"],
    ],
  },
  {
    id: "jobs",
    label: "Manage ML jobs",
    about: "Start, watch and stop training and processing jobs.",
    sids: [...MADE, "PassOwnRole"],
    creates: ["CreateTrainingJob", "CreateProcessingJob"],
    works: [
      ...verbs(["Describe", "Stop", "Delete"], ["TrainingJob", "ProcessingJob"]),
      ...["UpdateTrainingJob", "ListTags"],
    ],
  },
  {
    id: "models",
    label: "Manage models",
    about: "Make models, register versions, approve them.",
    sids: [...MADE, "PassOwnRole", "RegisterModels"],
    creates: ["CreateModel", "CreateModelPackageGroup"],
    works: [
      ...verbs(["Describe", "Delete"], ["Model", "ModelPackage", "ModelPackageGroup"]),
      ...["UpdateModelPackage", "ListModelPackages", "ListTags"],
    ],
  },
  {
    id: "experiments",
    label: "Manage experiments",
    about: "Log runs and their metrics, compare them.",
    sids: MADE,
    creates: ["CreateExperiment", "CreateTrial", "CreateTrialComponent"],
    works: [
      ...verbs(["Describe", "Update", "Delete"], ["Experiment", "Trial", "TrialComponent"]),
      ...["AssociateTrialComponent", "DisassociateTrialComponent"],
      ...["BatchGetMetrics", "BatchPutMetrics", "ListTags"],
    ],
  },
  {
    id: "pipelines",
    label: "Manage pipelines",
    about: "Define pipelines and keep their definitions.",
    sids: [...MADE, "PassOwnRole"],
    creates: ["CreatePipeline"],
    works: [
      ...verbs(["Describe", "Update", "Delete"], ["Pipeline"]),
      ...["StartPipelineExecution", "StopPipelineExecution", "RetryPipelineExecution"],
      ...["DescribePipelineExecution", "ListPipelineExecutions*", "ListTags"],
    ],
  },
  {
    id: "search",
    label: "Search and lists",
    about:
      "See lists, Search, tags and costs. They name what other domains have too, unless the guard isolation.lists is on.",
    sids: ["Lists"],
  },
  {
    id: "logs",
    label: "Read logs",
    about:
      "Lines of apps, and of jobs whose names begin with the domain's ID where it is kept to it.",
    sids: ["OwnLogs"],
  },
  {
    id: "figures",
    label: "See prices and figures",
    about: "The price list, and how much storage is used.",
    sids: ["SeeFigures"],
  },
];

export const USUAL = ACTIVITIES.map(({ id }) => id).filter((id) => id !== "search");
