// A chart for each metric that has a course, with a line for each run.
import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import LineChart from "@cloudscape-design/components/line-chart";
import { figure } from "~/format/figure";
import { View } from "~/views/View";
import { type Course, useCourses } from "./useCourses";
import type { Run } from "./useRuns";

const HEIGHT_PX = 220;

export function Charts({ runs }: { runs: Run[] }) {
  const courses = useCourses(runs);
  return (
    <View of={courses} what="the course of the metrics">
      {(all) =>
        all.length ? (
          <ColumnLayout columns={all.length > 1 ? 2 : 1}>
            {all.map((course) => (
              <Chart key={course.metric} course={course} />
            ))}
          </ColumnLayout>
        ) : (
          <Box color="text-body-secondary">
            No metric of these runs was logged at more than one step: their values stand below.
          </Box>
        )
      }
    </View>
  );
}

function Chart({ course }: { course: Course }) {
  const points = course.lines.flatMap((line) => line.points);
  const ys = points.map(({ y }) => y).filter(Number.isFinite);
  const xs = points.map(({ x }) => x);
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const margin = (high - low || Math.abs(high) || 1) * 0.05;
  return (
    <Container header={<Header variant="h2">{course.metric}</Header>}>
      <LineChart<number>
        series={course.lines.map(({ run, points: data }) => ({
          title: run.title,
          type: "line",
          data: thinned(data),
          valueFormatter: figure,
        }))}
        xDomain={[Math.min(...xs), Math.max(...xs)]}
        yDomain={[low - margin, high + margin]}
        xScaleType="linear"
        xTitle="Step"
        yTitle="Value"
        height={HEIGHT_PX}
        hideFilter
        ariaLabel={`${course.metric} over the steps of each run`}
        ariaDescription="The last values stand in the table below."
        i18nStrings={{ xTickFormatter: (x) => figure(x), yTickFormatter: (y) => figure(y) }}
        empty="No values"
      />
    </Container>
  );
}

const POINTS_MAX = 500; // more cannot be told apart on a screen

/** Every so manieth point, the last one always. */
function thinned<T>(points: T[]): T[] {
  if (points.length <= POINTS_MAX) return points;
  const step = Math.ceil(points.length / POINTS_MAX);
  return points.filter((_, at) => at % step === 0 || at === points.length - 1);
}
