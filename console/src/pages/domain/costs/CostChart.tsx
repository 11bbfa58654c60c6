// A month's cost by day, stacked by person and space; untagged is grey and never left out.
import BarChart from "@cloudscape-design/components/bar-chart";
import type { MixedLineBarChartProps } from "@cloudscape-design/components/mixed-line-bar-chart";
import { money } from "~/format/amounts";
import { daysOf, type Span } from "~/format/months";
import { tickFormat } from "~/money/precision";
import { wordsOf } from "~/studio/OwnerLink";
import { Empty } from "~/views/Empty";
import { type Share, seriesOf } from "./shares";

const GREY = "#7d8998";
const HEIGHT = 260;
export const UNTAGGED = "Shared: no user or space";

/** The highest day. */
const highest = (shares: Share[], days: string[]): number =>
  Math.max(0, ...days.map((day) => shares.reduce((all, { usd }) => all + (usd.get(day) ?? 0), 0)));

export function CostChart({ shares, month }: { shares: Share[]; month: Span }) {
  const today = new Date().toISOString().slice(0, 10);
  const days = daysOf(month).filter((day) => day <= today);
  if (shares.length === 0) {
    return <Empty title="No cost">Nothing of this domain ran or was stored in this month.</Empty>;
  }
  const { named, others, untagged } = seriesOf(shares);
  const series: MixedLineBarChartProps.BarDataSeries<string>[] = named.map((share) => ({
    title: wordsOf(share.owner),
    ...bars(days, [share]),
  }));
  if (others.length) series.push({ title: "Others", ...bars(days, others) });
  if (untagged) series.push({ title: UNTAGGED, color: GREY, ...bars(days, [untagged]) });
  return (
    <BarChart
      series={series}
      xDomain={days}
      xScaleType="categorical"
      stackedBars
      height={HEIGHT}
      hideFilter
      ariaLabel="Cost by day, stacked by user and space"
      xTitle="Day (UTC); today so far"
      yTitle="US dollars"
      i18nStrings={{
        xTickFormatter: (day) => day.slice(8).replace(/^0/, ""),
        yTickFormatter: tickFormat(highest(shares, days), HEIGHT),
      }}
      empty={<Empty title="No cost">Nothing of this domain ran or was stored in this month.</Empty>}
    />
  );
}

function bars(days: string[], shares: Share[]) {
  return {
    type: "bar" as const,
    valueFormatter: money,
    data: days.map((x) => ({
      x,
      y: shares.reduce((all, share) => all + (share.usd.get(x) ?? 0), 0),
    })),
  };
}
