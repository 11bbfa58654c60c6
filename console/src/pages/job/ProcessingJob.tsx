// /console/jobs/processing/{name}: one processing job.
import {
  DeleteProcessingJobCommand,
  DescribeProcessingJobCommand,
  StopProcessingJobCommand,
} from "@aws-sdk/client-sagemaker";
import { useParams } from "react-router";
import { SOON_MS } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";
import { isPassing } from "~/parts/Status";
import { processingAgain } from "./again";
import { ofProcessing } from "./facts";
import { JobPage } from "./JobPage";

export default function ProcessingJob() {
  const { JobName: ProcessingJobName = "" } = useParams();
  const job = useCall(
    sagemaker,
    DescribeProcessingJobCommand,
    { ProcessingJobName },
    { every: (data) => (isPassing(data.ProcessingJobStatus) ? SOON_MS : null) },
  );
  return (
    <JobPage
      name={ProcessingJobName}
      kind="Processing"
      of={job}
      factsOf={ofProcessing}
      againOf={processingAgain}
      stop={() => sagemaker.send(StopProcessingJobCommand, { ProcessingJobName })}
      remove={() => sagemaker.send(DeleteProcessingJobCommand, { ProcessingJobName })}
    />
  );
}
