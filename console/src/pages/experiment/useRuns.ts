// The runs of an experiment with all that they hold: one search instead of a call for each.
import {
  SearchCommand,
  type SearchRecord,
  type TrialComponent,
  type TrialComponentParameterValue,
} from "@aws-sdk/client-sagemaker";
import { useMemo } from "react";
import { SOON_MS } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { type Call, usePages } from "~/aws/useCall";

export interface Run {
  name: string;
  title: string;
  arn: string;
  status: string;
  trials: string[];
  began: Date | undefined;
  ended: Date | undefined;
  parameters: Map<string, string>;
  /** Last value, and how many there are. */
  metrics: Map<string, { last: number; count: number }>;
  artifacts: Map<string, string>;
  sourceArn: string | undefined;
}

export function useRuns(experiment: string): Call<Run[]> {
  const found = usePages(
    sagemaker,
    SearchCommand,
    {
      Resource: "ExperimentTrialComponent",
      MaxResults: 100,
      SortBy: "CreationTime",
      SortOrder: "Descending",
      SearchExpression: {
        Filters: [{ Name: "Parents.ExperimentName", Operator: "Equals", Value: experiment }],
      },
    },
    "Results",
    { every: (all) => (all.some(isRunning) ? SOON_MS : null) },
  );
  return useMemo(() => {
    const data = found.data?.flatMap((one) =>
      one.TrialComponent ? [runOf(one.TrialComponent)] : [],
    );
    return { ...found, data };
  }, [found]);
}

const isRunning = (one: SearchRecord): boolean =>
  one.TrialComponent?.Status?.PrimaryStatus === "InProgress";

function runOf(one: TrialComponent): Run {
  const artifacts = { ...one.InputArtifacts, ...one.OutputArtifacts };
  return {
    name: one.TrialComponentName ?? "",
    title: one.DisplayName ?? one.TrialComponentName ?? "",
    arn: one.TrialComponentArn ?? "",
    status: one.Status?.PrimaryStatus ?? "",
    trials: [...new Set((one.Parents ?? []).map((parent) => parent.TrialName ?? ""))],
    began: one.StartTime ?? one.CreationTime,
    ended: one.EndTime,
    parameters: new Map(
      Object.entries(one.Parameters ?? {}).map(([name, value]) => [name, parameter(value)]),
    ),
    metrics: new Map(
      (one.Metrics ?? []).map((metric) => [
        metric.MetricName ?? "",
        { last: metric.Last ?? Number.NaN, count: metric.Count ?? 0 },
      ]),
    ),
    artifacts: new Map(Object.entries(artifacts).map(([name, of]) => [name, of.Value ?? ""])),
    sourceArn: one.Source?.SourceArn,
  };
}

function parameter(value: TrialComponentParameterValue): string {
  return String(value.NumberValue ?? value.StringValue ?? "");
}

/** Names that occur in any of the runs, in order. */
export function namesIn(runs: Run[], of: (run: Run) => Map<string, unknown>): string[] {
  return [...new Set(runs.flatMap((run) => [...of(run).keys()]))].sort((a, b) =>
    a.localeCompare(b),
  );
}
