// Stacked bars: a bar for each hour, day or month, a colour for each series. The same figures stand in
// the table below, for who cannot tell colours apart or see none.
import BarChart from "@cloudscape-design/components/bar-chart";
import { type ReactNode, useEffect, useRef } from "react";
import { money } from "~/format/amounts";
import { drawn } from "~/format/exact";
import type { Costs, Series } from "~/pages/costs/ask/collect";
import type { Granularity } from "~/pages/costs/ask/periods";
import { Empty } from "~/views/Empty";
import { bucketTick } from "./ticks";

// 3:1 and more on white and on the dark ground (WCAG 2.2, 1.4.11); the others are Cloudscape's own.
const UNTAGGED_GREY = "#7d8998";
const HEIGHT = 300;
const BAR_PX = 8; // below it bars are not drawn, or nobody sees them: the chart is scrolled instead
const ROW_PX = 16;
const NARROW = matchMedia("(max-width: 688px)"); // Cloudscape's: a phone, where bars lie
const AXIS_PX = 90;

interface CostChartProps {
  costs: Costs;
  series: Series[];
  granularity: Granularity;
  label: string;
}

export function CostChart({ costs, series, granularity, label }: CostChartProps) {
  const totals = new Map(costs.buckets.map(({ start }, at) => [start, costs.totals[at] ?? 0n]));
  const inCurrency = (value: number) => money(value, costs.currency);
  const drawable = series.some(({ total }) => total !== 0n) ? series : [];
  const isLying = NARROW.matches;
  const rows = isLying ? costs.buckets.length * ROW_PX : 0;
  const width = isLying ? 0 : AXIS_PX + costs.buckets.length * BAR_PX;
  return (
    <Scrolled width={width} label={label}>
      <BarChart<string>
        stackedBars
        horizontalBars={isLying}
        height={Math.max(HEIGHT, rows)}
        xScaleType="categorical"
        xDomain={costs.buckets.map(({ start }) => start)}
        hideFilter
        emphasizeBaselineAxis
        ariaLabel={label}
        xTitle="UTC"
        yTitle={costs.currency}
        series={drawable.map(({ label: title, kind, amounts }) => ({
          type: "bar",
          title,
          valueFormatter: inCurrency,
          ...(kind === "untagged" ? { color: UNTAGGED_GREY } : {}),
          data: costs.buckets.map(({ start }, at) => ({ x: start, y: drawn(amounts[at] ?? 0n) })),
        }))}
        i18nStrings={{
          xTickFormatter: (start) => bucketTick(start, granularity),
          yTickFormatter: inCurrency,
        }}
        detailPopoverFooter={(start) => <b>Total {inCurrency(drawn(totals.get(start) ?? 0n))}</b>}
        empty={<Empty title="Nothing was spent">Choose another range, or fewer filters.</Empty>}
      />
    </Scrolled>
  );
}

interface ScrolledProps {
  width: number;
  label: string;
  children: ReactNode;
}

/** At least so wide, whatever the screen; the newest is seen first. */
function Scrolled({ width, label, children }: ScrolledProps) {
  const place = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another width is another chart
  useEffect(() => {
    if (place.current) place.current.scrollLeft = place.current.scrollWidth;
  }, [width]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled must be so by keyboard
    <section ref={place} className="scrolled" aria-label={`${label}, chart`} tabIndex={0}>
      <div style={{ minWidth: width }}>{children}</div>
    </section>
  );
}
