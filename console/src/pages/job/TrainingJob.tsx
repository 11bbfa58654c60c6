// /console/jobs/training/{name}: one training job.
import {
  DeleteTrainingJobCommand,
  DescribeTrainingJobCommand,
  StopTrainingJobCommand,
} from "@aws-sdk/client-sagemaker";
import { useParams } from "react-router";
import { SOON_MS } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";
import { isPassing } from "~/parts/Status";
import { trainingAgain } from "./again";
import { ofTraining } from "./facts";
import { JobPage } from "./JobPage";

export default function TrainingJob() {
  const { JobName: TrainingJobName = "" } = useParams();
  const job = useCall(
    sagemaker,
    DescribeTrainingJobCommand,
    { TrainingJobName },
    { every: (data) => (isPassing(data.TrainingJobStatus) ? SOON_MS : null) },
  );
  return (
    <JobPage
      name={TrainingJobName}
      kind="Training"
      of={job}
      factsOf={ofTraining}
      againOf={trainingAgain}
      stop={() => sagemaker.send(StopTrainingJobCommand, { TrainingJobName })}
      remove={() => sagemaker.send(DeleteTrainingJobCommand, { TrainingJobName })}
    />
  );
}
