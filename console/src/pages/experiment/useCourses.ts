// The course of each metric over the steps of each run: what was logged without steps has none.
import { useMemo } from "react";
import { type Call, useGathered } from "~/aws/useCall";
import { BatchGetMetricsCommand, type MetricQuery, metrics, QUERIES_MAX } from "~/aws/wire/metrics";
import { namesIn, type Run } from "./useRuns";

export interface Point {
  x: number;
  y: number;
}

export interface Course {
  metric: string;
  /** Points of each run by its name; runs without any are left out. */
  lines: Array<{ run: Run; points: Point[] }>;
}

export function useCourses(runs: Run[]): Call<Course[]> {
  const asked = useMemo(() => questions(runs), [runs]);
  const parts = asked.map(({ run, query: { MetricName } }) => [
    run.arn,
    MetricName,
    run.metrics.get(MetricName)?.count, // more points: another question
  ]);
  const key = `sagemaker-metrics courses ${JSON.stringify(parts)}`;
  return useGathered(key, (signal) => gather(asked, signal));
}

interface Question {
  run: Run;
  query: MetricQuery;
}

/** A single value has no course: the table tells it. */
function questions(runs: Run[]): Question[] {
  return namesIn(runs, (run) => run.metrics).flatMap((name) =>
    runs
      .filter((run) => (run.metrics.get(name)?.count ?? 0) > 1)
      .map((run) => ({
        run,
        query: {
          MetricName: name,
          ResourceArn: run.arn,
          MetricStat: "Last",
          Period: "IterationNumber",
          XAxisType: "IterationNumber",
        },
      })),
  );
}

async function gather(asked: Question[], signal: AbortSignal): Promise<Course[]> {
  const found = new Map<string, Course>();
  for (let from = 0; from < asked.length; from += QUERIES_MAX) {
    const some = asked.slice(from, from + QUERIES_MAX);
    const answer = await metrics.send(
      BatchGetMetricsCommand,
      { MetricQueries: some.map(({ query }) => query) },
      signal,
    );
    some.forEach(({ run, query }, index) => {
      const { XAxisValues: xs = [], MetricValues: ys = [] } =
        answer.MetricQueryResults[index] ?? {};
      if (xs.length < 2) return;
      const course = found.get(query.MetricName) ?? { metric: query.MetricName, lines: [] };
      course.lines.push({ run, points: xs.map((x, at) => ({ x, y: ys[at] ?? Number.NaN })) });
      found.set(query.MetricName, course);
    });
  }
  return [...found.values()];
}
