// Where resources that may lack a domain's tag are listed: every kind of SageMaker's that is made in
// domains, by its own List call. Other services' come from GetResources, if they carry any tag.
import {
  ListAppImageConfigsCommand,
  ListCodeRepositoriesCommand,
  ListExperimentsCommand,
  ListImagesCommand,
  ListModelPackageGroupsCommand,
  ListModelPackagesCommand,
  ListModelsCommand,
  ListPipelinesCommand,
  ListProcessingJobsCommand,
  ListStudioLifecycleConfigsCommand,
  ListTrainingJobsCommand,
  ListTrialComponentsCommand,
  ListTrialsCommand,
} from "@aws-sdk/client-sagemaker";
import { sagemaker } from "~/aws/services/sagemaker";
import { pages } from "~/aws/useCall";

export interface Listed {
  arn: string;
  created: Date | undefined;
}

export interface Source {
  /** What people call them: "training jobs". */
  what: string;
  list: (signal: AbortSignal) => Promise<Listed[]>;
}

/** Summaries are alike: one member that ends in Arn and names the thing, and CreationTime. */
function listed(items: unknown[] | undefined, arn: string): Listed[] {
  return ((items ?? []) as Array<Record<string, unknown>>).map((item) => ({
    arn: String(item[arn] ?? ""),
    created: item.CreationTime instanceof Date ? item.CreationTime : undefined,
  }));
}

const PAGE = { MaxResults: 100 };

export const SOURCES: Source[] = [
  {
    what: "training jobs",
    list: async (signal) =>
      listed(
        await pages(sagemaker, ListTrainingJobsCommand, PAGE, "TrainingJobSummaries", { signal }),
        "TrainingJobArn",
      ),
  },
  {
    what: "processing jobs",
    list: async (signal) =>
      listed(
        await pages(sagemaker, ListProcessingJobsCommand, PAGE, "ProcessingJobSummaries", {
          signal,
        }),
        "ProcessingJobArn",
      ),
  },
  {
    what: "models",
    list: async (signal) =>
      listed(await pages(sagemaker, ListModelsCommand, PAGE, "Models", { signal }), "ModelArn"),
  },
  {
    what: "model groups",
    list: async (signal) =>
      listed(
        await pages(
          sagemaker,
          ListModelPackageGroupsCommand,
          PAGE,
          "ModelPackageGroupSummaryList",
          { signal },
        ),
        "ModelPackageGroupArn",
      ),
  },
  {
    what: "model packages",
    list: async (signal) =>
      listed(
        await pages(
          sagemaker,
          ListModelPackagesCommand,
          { ...PAGE, ModelPackageType: "Both" },
          "ModelPackageSummaryList",
          { signal },
        ),
        "ModelPackageArn",
      ),
  },
  {
    what: "pipelines",
    list: async (signal) =>
      listed(
        await pages(sagemaker, ListPipelinesCommand, PAGE, "PipelineSummaries", { signal }),
        "PipelineArn",
      ),
  },
  {
    what: "experiments",
    list: async (signal) =>
      listed(
        await pages(sagemaker, ListExperimentsCommand, PAGE, "ExperimentSummaries", { signal }),
        "ExperimentArn",
      ),
  },
  {
    what: "trials",
    list: async (signal) =>
      listed(
        await pages(sagemaker, ListTrialsCommand, PAGE, "TrialSummaries", { signal }),
        "TrialArn",
      ),
  },
  {
    what: "trial components",
    list: async (signal) =>
      listed(
        await pages(sagemaker, ListTrialComponentsCommand, PAGE, "TrialComponentSummaries", {
          signal,
        }),
        "TrialComponentArn",
      ),
  },
  {
    what: "images",
    list: async (signal) =>
      listed(await pages(sagemaker, ListImagesCommand, PAGE, "Images", { signal }), "ImageArn"),
  },
  {
    what: "image configurations",
    list: async (signal) =>
      listed(
        await pages(sagemaker, ListAppImageConfigsCommand, PAGE, "AppImageConfigs", { signal }),
        "AppImageConfigArn",
      ),
  },
  {
    what: "lifecycle configurations",
    list: async (signal) =>
      listed(
        await pages(sagemaker, ListStudioLifecycleConfigsCommand, PAGE, "StudioLifecycleConfigs", {
          signal,
        }),
        "StudioLifecycleConfigArn",
      ),
  },
  {
    what: "code repositories",
    list: async (signal) =>
      listed(
        await pages(sagemaker, ListCodeRepositoriesCommand, PAGE, "CodeRepositorySummaryList", {
          signal,
        }),
        "CodeRepositoryArn",
      ),
  },
];
