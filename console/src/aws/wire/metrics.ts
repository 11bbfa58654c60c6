// SageMaker Metrics: the course of what a run measured. Its one call is signed here.
import { type Config, service } from "~/aws/service";
import { Command } from "~/aws/wire/command";
import { signedFetch } from "~/aws/wire/signed";

export interface MetricQuery {
  MetricName: string;
  ResourceArn: string;
  MetricStat: "Min" | "Max" | "Avg" | "Count" | "StdDev" | "Last";
  Period: "OneMinute" | "FiveMinute" | "OneHour" | "IterationNumber";
  XAxisType: "IterationNumber" | "Timestamp";
}

export interface MetricResult {
  Status: string;
  Message?: string;
  XAxisValues: number[];
  MetricValues: number[];
}

/** API reference, BatchGetMetrics: MetricQueries. */
export const QUERIES_MAX = 100;

export class BatchGetMetricsCommand extends Command<
  { MetricQueries: MetricQuery[] },
  { MetricQueryResults: MetricResult[] }
> {}

export const metrics = service("sagemaker-metrics", (config: Config) => ({
  async send(command: BatchGetMetricsCommand, options?: { abortSignal?: AbortSignal }) {
    const answer = await signedFetch(
      config,
      "sagemaker",
      {
        method: "POST",
        path: "/BatchGetMetrics",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(command.input),
      },
      options?.abortSignal,
    );
    return answer.json();
  },
}));
