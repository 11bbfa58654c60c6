// Training and processing jobs as one list: two lists of jobs, the tags that tell whose they are,
// and what each has cost. What may not be seen of these leaves its column empty, not the page.
import {
  ListProcessingJobsCommand,
  ListTrainingJobsCommand,
  type ProcessingJobSummary,
  type TrainingJobSummary,
} from "@aws-sdk/client-sagemaker";
import { useCallback, useMemo } from "react";
import { whileAny } from "~/aws/polling";
import type { Problem } from "~/aws/problem";
import { sagemaker } from "~/aws/services/sagemaker";
import { type Call, usePages } from "~/aws/useCall";
import { type Tagged, useTags } from "~/owners/owners";
import { isPassing } from "~/parts/Status";
import { type Spent, useSpent } from "./useSpent";

export type JobKind = "Training" | "Processing";

export interface Job {
  kind: JobKind;
  name: string;
  arn: string;
  status: string;
  created: Date | undefined;
  ended: Date | undefined;
  /** Undefined until the tags are there. */
  domainArn: string | undefined;
  creatorArn: string | undefined;
  usd: number | undefined;
}

export interface Jobs {
  jobs: Call<Job[]>;
  tags: Tagged;
  spent: Spent;
  /** Of one of the two lists, where the other is shown all the same. */
  problems: Problem[];
}

const PAGE = { MaxResults: 100 };
const pollTraining = whileAny<TrainingJobSummary>((job) => isPassing(job.TrainingJobStatus));
const pollProcessing = whileAny<ProcessingJobSummary>((job) => isPassing(job.ProcessingJobStatus));

export function useJobs(): Jobs {
  const training = usePages(sagemaker, ListTrainingJobsCommand, PAGE, "TrainingJobSummaries", {
    every: pollTraining,
  });
  const processing = usePages(
    sagemaker,
    ListProcessingJobsCommand,
    PAGE,
    "ProcessingJobSummaries",
    { every: pollProcessing },
  );
  const tags = useTags(["sagemaker:training-job", "sagemaker:processing-job"]);
  const spent = useSpent();
  const rows = useMemo(() => {
    if (!training.data && !processing.data) return undefined;
    const found = [
      ...(training.data ?? []).map(ofTraining),
      ...(processing.data ?? []).map(ofProcessing),
    ];
    return found
      .map((job) => ({ ...job, ...tags.of(job.arn), usd: spent.of(job.arn) }))
      .sort((a, b) => (b.created?.getTime() ?? 0) - (a.created?.getTime() ?? 0));
  }, [training.data, processing.data, tags, spent]);
  const refreshTraining = training.refresh;
  const refreshProcessing = processing.refresh;
  const refresh = useCallback(() => {
    refreshTraining();
    refreshProcessing();
  }, [refreshTraining, refreshProcessing]);
  const problems = [training.problem, processing.problem].filter((one) => one !== undefined);
  const jobs: Call<Job[]> = {
    data: problems.length === 2 && !training.data ? undefined : rows,
    problem: problems.length === 2 ? problems[0] : undefined,
    isLoading: training.isLoading || processing.isLoading,
    at: Math.min(training.at || processing.at, processing.at || training.at),
    refresh,
  };
  return { jobs, tags, spent, problems: problems.length === 1 ? problems : [] };
}

export type Bare = Omit<Job, "domainArn" | "creatorArn" | "usd">;

export const ofTraining = (job: TrainingJobSummary): Bare => ({
  kind: "Training",
  name: job.TrainingJobName ?? "",
  arn: job.TrainingJobArn ?? "",
  status: job.TrainingJobStatus ?? "",
  created: job.CreationTime,
  ended: job.TrainingEndTime,
});

export const ofProcessing = (job: ProcessingJobSummary): Bare => ({
  kind: "Processing",
  name: job.ProcessingJobName ?? "",
  arn: job.ProcessingJobArn ?? "",
  status: job.ProcessingJobStatus ?? "",
  created: job.CreationTime,
  ended: job.ProcessingEndTime,
});

export const jobPath = ({ kind, name }: Pick<Job, "kind" | "name">): string =>
  `/jobs/${kind.toLowerCase()}/${encodeURIComponent(name)}`;

/** From its creation to its end, or until now. */
export function seconds({ created, ended }: Pick<Job, "created" | "ended">): number | undefined {
  return created && ((ended ?? new Date()).getTime() - created.getTime()) / 1000;
}
