// The log streams of a job: one for its host, and what stands beside it. "Not written yet" is no
// trouble: a job that waits has no log.
import { DescribeLogStreamsCommand, type LogStream } from "@aws-sdk/client-cloudwatch-logs";
import { SOON_MS } from "~/aws/polling";
import { problemOf } from "~/aws/problem";
import { logs } from "~/aws/services/logs";
import { type Call, useGathered } from "~/aws/useCall";

export function useStreams(group: string, job: string, isLive: boolean): Call<string[]> {
  return useGathered(`logs streams ${group} ${job}`, (signal) => streams(group, job, signal), {
    every: (found) => (isLive && !found.length ? SOON_MS : null),
  });
}

async function streams(group: string, job: string, signal: AbortSignal): Promise<string[]> {
  try {
    const answer = await logs.send(
      DescribeLogStreamsCommand,
      { logGroupName: group, logStreamNamePrefix: `${job}/` },
      signal,
    );
    return (answer.logStreams ?? []).map((one: LogStream) => one.logStreamName ?? "");
  } catch (error) {
    if (problemOf(error).kind === "missing") return [];
    throw error;
  }
}
