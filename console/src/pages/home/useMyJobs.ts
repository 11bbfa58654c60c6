// The jobs that carry a person's tag, among the newest of each kind.
import { GetResourcesCommand } from "@aws-sdk/client-resource-groups-tagging-api";
import { ListProcessingJobsCommand, ListTrainingJobsCommand } from "@aws-sdk/client-sagemaker";
import { SOON_MS } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { tagging } from "~/aws/services/tagging";
import { type Call, pages, useGathered } from "~/aws/useCall";
import { type Bare, ofProcessing, ofTraining } from "~/pages/jobs/useJobs";
import { isPassing } from "~/parts/Status";
import { useIdentity } from "~/session/useSession";
import { PROFILE_TAG } from "~/studio/OwnerLink";
import type { Me } from "./mine";

export type MyJob = Bare;

const SHOWN_MAX = 10;
const LATEST = { MaxResults: 100, SortBy: "CreationTime", SortOrder: "Descending" } as const;

export function useMyJobs(me: Me): Call<MyJob[]> {
  const { region, accountId } = useIdentity();
  const arn = profileArn(region, accountId, me);
  return useGathered(`sagemaker jobs of ${arn}`, (signal) => gather(arn, signal), {
    every: (jobs) => (jobs.some((job) => isPassing(job.status)) ? SOON_MS : null),
  });
}

export const profileArn = (region: string, accountId: string, me: Me): string =>
  `arn:aws:sagemaker:${region}:${accountId}:user-profile/${me.domainId}/${me.userProfileName}`;

async function gather(arn: string, signal: AbortSignal): Promise<MyJob[]> {
  const [tagged, training, processing] = await Promise.all([
    pages(
      tagging,
      GetResourcesCommand,
      {
        ResourceTypeFilters: ["sagemaker:training-job", "sagemaker:processing-job"],
        TagFilters: [{ Key: PROFILE_TAG, Values: [arn] }],
        ResourcesPerPage: 100,
      },
      "ResourceTagMappingList",
      { token: "PaginationToken", signal },
    ),
    sagemaker.send(ListTrainingJobsCommand, LATEST, signal),
    sagemaker.send(ListProcessingJobsCommand, LATEST, signal),
  ]);
  const mine = new Set(tagged.map((one) => one.ResourceARN));
  return [
    ...(training.TrainingJobSummaries ?? []).map(ofTraining),
    ...(processing.ProcessingJobSummaries ?? []).map(ofProcessing),
  ]
    .filter((job) => mine.has(job.arn))
    .sort((a, b) => (b.created?.getTime() ?? 0) - (a.created?.getTime() ?? 0))
    .slice(0, SHOWN_MAX);
}
