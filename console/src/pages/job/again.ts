// The command that makes a job once more under another name: what Describe answers, less what is
// not asked for. Automatic tags are left out: they come by themselves, and may not be said.
import type {
  CreateProcessingJobRequest,
  CreateTrainingJobRequest,
  DescribeProcessingJobResponse,
  DescribeTrainingJobResponse,
  Tag,
} from "@aws-sdk/client-sagemaker";
import { cliCommand } from "~/format/cli";

const NAME_MAX = 63;

export function trainingAgain(job: DescribeTrainingJobResponse, tags: Tag[]): string {
  const output = job.OutputDataConfig;
  const request: Partial<CreateTrainingJobRequest> = {
    TrainingJobName: nextName(job.TrainingJobName ?? ""),
    AlgorithmSpecification: job.AlgorithmSpecification,
    RoleArn: job.RoleArn,
    HyperParameters: filled(job.HyperParameters),
    InputDataConfig: filled(job.InputDataConfig),
    OutputDataConfig: output && { ...output, KmsKeyId: output.KmsKeyId || undefined },
    ResourceConfig: job.ResourceConfig,
    VpcConfig: job.VpcConfig,
    StoppingCondition: job.StoppingCondition,
    CheckpointConfig: job.CheckpointConfig,
    Environment: filled(job.Environment),
    RetryStrategy: job.RetryStrategy,
    EnableNetworkIsolation: job.EnableNetworkIsolation || undefined,
    EnableInterContainerTrafficEncryption: job.EnableInterContainerTrafficEncryption || undefined,
    EnableManagedSpotTraining: job.EnableManagedSpotTraining || undefined,
    ExperimentConfig: job.ExperimentConfig,
    Tags: own(tags),
  };
  return cliCommand("sagemaker", "CreateTrainingJob", request);
}

export function processingAgain(job: DescribeProcessingJobResponse, tags: Tag[]): string {
  const request: Partial<CreateProcessingJobRequest> = {
    ProcessingJobName: nextName(job.ProcessingJobName ?? ""),
    AppSpecification: job.AppSpecification,
    RoleArn: job.RoleArn,
    ProcessingInputs: filled(job.ProcessingInputs),
    ProcessingOutputConfig: job.ProcessingOutputConfig,
    ProcessingResources: job.ProcessingResources,
    StoppingCondition: job.StoppingCondition,
    Environment: filled(job.Environment),
    NetworkConfig: job.NetworkConfig,
    ExperimentConfig: job.ExperimentConfig,
    Tags: own(tags),
  };
  return cliCommand("sagemaker", "CreateProcessingJob", request);
}

/** `train` to `train-2`, `train-2` to `train-3`. */
export function nextName(name: string): string {
  const found = /^(.*)-(\d{1,4})$/.exec(name);
  const [stem, number] = found ? [found[1] ?? "", Number(found[2]) + 1] : [name, 2];
  return `${stem.slice(0, NAME_MAX - 5)}-${number}`;
}

const own = (tags: Tag[]): Tag[] | undefined =>
  filled(tags.filter((tag) => !tag.Key?.startsWith("sagemaker:") && !tag.Key?.startsWith("aws:")));

function filled<T extends object>(value: T | undefined): T | undefined {
  return value && Object.keys(value).length ? value : undefined;
}
