// What a page shows of a job, be it training or processing: read off the two Describes.
import type {
  DescribeProcessingJobResponse,
  DescribeTrainingJobResponse,
  VpcConfig,
} from "@aws-sdk/client-sagemaker";
import type { JobKind } from "~/pages/jobs/useJobs";

export interface DataPlace {
  name: string;
  uri: string | undefined;
  /** Inside the job. */
  path: string;
  how: string;
}

export interface JobStep {
  status: string;
  message: string;
  began: Date | undefined;
  ended: Date | undefined;
}

export interface JobFacts {
  kind: JobKind;
  name: string;
  arn: string;
  status: string;
  failureReason: string | undefined;
  exitMessage: string | undefined;
  created: Date | undefined;
  started: Date | undefined;
  ended: Date | undefined;
  billableSeconds: number | undefined;
  role: string | undefined;
  image: string | undefined;
  command: string[];
  instance: string;
  volumeGb: number | undefined;
  maxSeconds: number | undefined;
  inputs: DataPlace[];
  outputs: DataPlace[];
  environment: Record<string, string>;
  hyperparameters: Record<string, string>;
  vpc: VpcConfig | undefined;
  isIsolated: boolean;
  isEncrypted: boolean;
  steps: JobStep[];
  metrics: Array<{ name: string; value: number; at: Date | undefined }>;
  experiment: string | undefined;
  trial: string | undefined;
  logGroup: string;
}

export function ofTraining(job: DescribeTrainingJobResponse): JobFacts {
  const on = job.ResourceConfig;
  const algorithm = job.AlgorithmSpecification;
  return {
    kind: "Training",
    name: job.TrainingJobName ?? "",
    arn: job.TrainingJobArn ?? "",
    status: job.TrainingJobStatus ?? "",
    failureReason: job.FailureReason,
    exitMessage: undefined,
    created: job.CreationTime,
    started: job.TrainingStartTime,
    ended: job.TrainingEndTime,
    billableSeconds: job.BillableTimeInSeconds,
    role: job.RoleArn,
    image: algorithm?.TrainingImage,
    command: [...(algorithm?.ContainerEntrypoint ?? []), ...(algorithm?.ContainerArguments ?? [])],
    instance: instanceOf(on?.InstanceType, on?.InstanceCount),
    volumeGb: on?.VolumeSizeInGB,
    maxSeconds: job.StoppingCondition?.MaxRuntimeInSeconds,
    inputs: (job.InputDataConfig ?? []).map((channel) => ({
      name: channel.ChannelName ?? "",
      uri: channel.DataSource?.S3DataSource?.S3Uri,
      path: `/opt/ml/input/data/${channel.ChannelName}`,
      how: channel.InputMode ?? algorithm?.TrainingInputMode ?? "File",
    })),
    outputs: trainingOutputs(job),
    environment: job.Environment ?? {},
    hyperparameters: job.HyperParameters ?? {},
    vpc: job.VpcConfig,
    isIsolated: !!job.EnableNetworkIsolation,
    isEncrypted: !!job.EnableInterContainerTrafficEncryption,
    steps: (job.SecondaryStatusTransitions ?? []).map((step) => ({
      status: step.Status ?? "",
      message: step.StatusMessage ?? "",
      began: step.StartTime,
      ended: step.EndTime,
    })),
    metrics: (job.FinalMetricDataList ?? []).map((metric) => ({
      name: metric.MetricName ?? "",
      value: metric.Value ?? Number.NaN,
      at: metric.Timestamp,
    })),
    experiment: job.ExperimentConfig?.ExperimentName,
    trial: job.ExperimentConfig?.TrialName,
    logGroup: "/aws/sagemaker/TrainingJobs",
  };
}

function trainingOutputs(job: DescribeTrainingJobResponse): DataPlace[] {
  const places: DataPlace[] = [
    {
      name: "Output",
      uri: job.OutputDataConfig?.S3OutputPath,
      path: "/opt/ml/output/data",
      how: "At its end",
    },
  ];
  const model = job.ModelArtifacts?.S3ModelArtifacts;
  if (model)
    places.unshift({ name: "Model", uri: model, path: "/opt/ml/model", how: "At its end" });
  const checkpoints = job.CheckpointConfig;
  if (checkpoints?.S3Uri) {
    places.push({
      name: "Checkpoints",
      uri: checkpoints.S3Uri,
      path: checkpoints.LocalPath ?? "/opt/ml/checkpoints",
      how: "All along",
    });
  }
  return places;
}

export function ofProcessing(job: DescribeProcessingJobResponse): JobFacts {
  const on = job.ProcessingResources?.ClusterConfig;
  const network = job.NetworkConfig;
  const app = job.AppSpecification;
  return {
    kind: "Processing",
    name: job.ProcessingJobName ?? "",
    arn: job.ProcessingJobArn ?? "",
    status: job.ProcessingJobStatus ?? "",
    failureReason: job.FailureReason,
    exitMessage: job.ExitMessage,
    created: job.CreationTime,
    started: job.ProcessingStartTime,
    ended: job.ProcessingEndTime,
    billableSeconds: undefined,
    role: job.RoleArn,
    image: app?.ImageUri,
    command: [...(app?.ContainerEntrypoint ?? []), ...(app?.ContainerArguments ?? [])],
    instance: instanceOf(on?.InstanceType, on?.InstanceCount),
    volumeGb: on?.VolumeSizeInGB,
    maxSeconds: job.StoppingCondition?.MaxRuntimeInSeconds,
    inputs: (job.ProcessingInputs ?? []).map((input) => ({
      name: input.InputName ?? "",
      uri: input.S3Input?.S3Uri,
      path: input.S3Input?.LocalPath ?? "-",
      how: input.S3Input?.S3InputMode ?? "File",
    })),
    outputs: (job.ProcessingOutputConfig?.Outputs ?? []).map((output) => ({
      name: output.OutputName ?? "",
      uri: output.S3Output?.S3Uri,
      path: output.S3Output?.LocalPath ?? "-",
      how: output.S3Output?.S3UploadMode === "Continuous" ? "All along" : "At its end",
    })),
    environment: job.Environment ?? {},
    hyperparameters: {},
    vpc: network?.VpcConfig,
    isIsolated: !!network?.EnableNetworkIsolation,
    isEncrypted: !!network?.EnableInterContainerTrafficEncryption,
    steps: processingSteps(job),
    metrics: [],
    experiment: job.ExperimentConfig?.ExperimentName,
    trial: job.ExperimentConfig?.TrialName,
    logGroup: "/aws/sagemaker/ProcessingJobs",
  };
}

/** AWS keeps no steps of these: what is told are the three moments. */
function processingSteps(job: DescribeProcessingJobResponse): JobStep[] {
  const { CreationTime: made, ProcessingStartTime: began, ProcessingEndTime: ended } = job;
  const steps: JobStep[] = [
    { status: "Starting", message: "Finding room, fetching inputs", began: made, ended: began },
  ];
  if (began) steps.push({ status: "Processing", message: "The script runs", began, ended });
  const status = job.ProcessingJobStatus ?? "";
  if (ended) steps.push({ status, message: "", began: ended, ended });
  return steps;
}

const instanceOf = (type: string | undefined, count = 1): string =>
  type ? `${count > 1 ? `${count} x ` : ""}${type}` : "-";
