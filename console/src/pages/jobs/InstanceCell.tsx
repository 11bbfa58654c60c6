// Of a row on the screen: what the job runs on. The lists do not tell.
import {
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
} from "@aws-sdk/client-sagemaker";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";
import type { Job } from "./useJobs";

export function InstanceCell({ job }: { job: Job }) {
  const isTraining = job.kind === "Training";
  const training = useCall(
    sagemaker,
    DescribeTrainingJobCommand,
    { TrainingJobName: job.name },
    { skip: !isTraining },
  );
  const processing = useCall(
    sagemaker,
    DescribeProcessingJobCommand,
    { ProcessingJobName: job.name },
    { skip: isTraining },
  );
  const { problem, data } = isTraining ? training : processing;
  if (problem) {
    return (
      <span title={problem.message}>{problem.kind === "forbidden" ? "No access" : "Unknown"}</span>
    );
  }
  if (!data) return <>...</>;
  const on = isTraining
    ? training.data?.ResourceConfig
    : processing.data?.ProcessingResources?.ClusterConfig;
  return <>{on?.InstanceType ?? "-"}</>;
}
