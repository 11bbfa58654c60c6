// Bars or lines: a place for each hour, day or month, a colour for each series; what is forecast is
// hatched, its interval dashed, a budget a line. The same figures stand in the table below, for who
// cannot tell colours apart or see none.
import Box from "@cloudscape-design/components/box";
import MixedLineBarChart, {
  type MixedLineBarChartProps,
} from "@cloudscape-design/components/mixed-line-bar-chart";
import { type ReactNode, useEffect, useRef } from "react";
import { drawn, type Exact, sum } from "~/format/exact";
import { moneyAt, tickFormat } from "~/money/precision";
import { LEVEL } from "~/money/useForecast";
import type { Costs, Series } from "~/pages/costs/ask/collect";
import type { Outlook } from "~/pages/costs/ask/outlook";
import { deeperUrl, type Query } from "~/pages/costs/ask/query";
import type { Limit } from "~/pages/costs/ask/useLimit";
import { InnerLink } from "~/parts/InnerLink";
import { Empty } from "~/views/Empty";
import { betweenText } from "./Amount";
import { FORECAST_BROWN, Hatch } from "./Hatch";
import { bucketTick } from "./ticks";

// 3:1 and more on white and on the dark ground (WCAG 2.2, 1.4.11); the others are Cloudscape's own.
const UNTAGGED_GREY = "#7d8998";
const LIMIT_RED = "#d13212";
const HEIGHT = 300;
const BAR_PX = 8; // below it bars are not drawn, or nobody sees them: the chart is scrolled instead
const ROW_PX = 16;
const LONE_PX = 64; // one or two lie, a broad beam each: standing they would be lost in the middle
const LONE_MAX = 2;
const NARROW = matchMedia("(max-width: 688px)"); // Cloudscape's: a phone, where bars lie
const AXIS_PX = 90;

interface CostChartProps {
  costs: Costs;
  series: Series[];
  outlook: Outlook;
  limit: Limit | undefined;
  digits: number;
  query: Query;
  url: URLSearchParams;
  label: string;
}

type Drawn = MixedLineBarChartProps.ChartSeries<string>;

export function CostChart(props: CostChartProps) {
  const { costs, outlook, query, digits, label } = props;
  const { isLying, height, width } = placed(props);
  const shown = drawnSeries(props, isLying);
  const inCurrency = (value: number) => moneyAt(value, digits, costs.currency);
  const length = isLying ? innerWidth : height;
  const tick = (start: string) => bucketTick(start, query.granularity);
  const marks = new Map(outlook.buckets.map((one, at) => [one.start, { ...one, at }]));
  return (
    <Scrolled width={width} label={label}>
      <Hatch />
      <MixedLineBarChart<string>
        stackedBars={query.style === "stacked"}
        horizontalBars={isLying}
        height={height}
        xScaleType="categorical"
        xDomain={outlook.buckets.map(({ start }) => start)}
        hideFilter
        emphasizeBaselineAxis
        ariaLabel={label}
        xTitle="UTC"
        yTitle={costs.currency}
        series={shown}
        i18nStrings={{
          xTickFormatter: (start) =>
            marks.get(start)?.isEstimated ? `${tick(start)}\nestimated` : tick(start),
          yTickFormatter: tickFormat(highest(props), length, costs.currency),
        }}
        detailPopoverSeriesContent={({ series: { title }, y }) => ({
          key: <Name title={title} {...props} />,
          value: inCurrency(y),
        })}
        detailPopoverFooter={(start) => <Footer at={marks.get(start)?.at ?? 0} {...props} />}
        empty={<Empty title="Nothing was spent">Choose another range, or fewer filters.</Empty>}
      />
      <Estimates {...props} />
    </Scrolled>
  );
}

/** How bars stand or lie, and how much room they want. */
function placed({ series, outlook, query: { style } }: CostChartProps) {
  const places = outlook.buckets.length;
  const isLone = places <= LONE_MAX;
  const isLying = style !== "line" && (NARROW.matches || isLone);
  const beside = style === "bar" ? series.length + 1 : 1;
  const rows = places * Math.max(isLone ? LONE_PX : 0, beside * ROW_PX);
  return {
    isLying,
    height: !isLying ? HEIGHT : isLone ? rows : Math.max(HEIGHT, rows),
    width: isLying || style === "line" ? 0 : AXIS_PX + places * beside * BAR_PX,
  };
}

/** Said below as well: an axis has no room for every label. */
function Estimates({ outlook, query }: CostChartProps) {
  const found = outlook.buckets.filter(({ isEstimated }) => isEstimated);
  if (found.length === 0) return null;
  const names = found.map(({ start }) => bucketTick(start, query.granularity));
  const words = names.length > 2 ? `${names[0]} to ${names.at(-1)}` : names.join(" and ");
  return (
    <Box color="text-body-secondary" fontSize="body-s">
      {words}: estimated, may still change.
    </Box>
  );
}

function drawnSeries(props: CostChartProps, isLying: boolean): Drawn[] {
  const { costs, series, outlook, limit, query } = props;
  const type = query.style === "line" ? "line" : "bar";
  const { buckets } = costs;
  const isNothing = series.every(({ total }) => total === 0n) && !outlook.rest;
  if (isNothing) return [];
  const isBeside = query.style === "bar"; // where nothing would still take its place
  const spent = series
    .filter(({ total }) => !isBeside || total !== 0n)
    .map(
      ({ label: title, kind, amounts }): Drawn => ({
        type,
        title,
        ...(kind === "untagged" ? { color: UNTAGGED_GREY } : {}),
        data: buckets.map(({ start }, at) => ({ x: start, y: drawn(amounts[at] ?? 0n) })),
      }),
    );
  const found = [...(buckets.length ? spent : []), ...aheadSeries(props, isLying)];
  if (limit) {
    const title = `Budget ${limit.name}`;
    found.push({ type: "threshold", title, y: Number(limit.amount), color: LIMIT_RED });
  }
  return found;
}

/** Stacked: what is still to come, on top. Else all of what a bucket will likely cost, beside. */
function aheadSeries({ costs, outlook, query }: CostChartProps, isLying: boolean): Drawn[] {
  if (outlook.rest === null) return [];
  const isStacked = query.style === "stacked";
  const points = outlook.buckets.flatMap(({ start }, at) => {
    const likely = outlook.likely[at];
    return likely ? [{ start, likely, spent: costs.totals[at] ?? 0n }] : [];
  });
  const data = (value: (one: (typeof points)[0]) => Exact) =>
    points.map((one) => ({ x: one.start, y: drawn(value(one)) }));
  const title = isStacked ? "Forecast, still to come (hatched)" : "Forecast, of all";
  const whole = data(({ likely, spent }) => (isStacked ? 0n : spent) + likely.rest);
  const type = query.style === "line" ? "line" : "bar";
  const found: Drawn[] = [{ type, title, color: FORECAST_BROWN, data: whole }];
  if (isLying || points.length < 2) return found; // no line of one point; lying bars take none
  const lines: Drawn[] = [
    ["at most", data(({ likely }) => likely.upper)] as const,
    ["at least", data(({ likely }) => likely.lower)] as const,
  ].map(([words, line]) => ({
    type: "line",
    title: `Forecast, ${words} (${LEVEL}% likely)`,
    color: FORECAST_BROWN,
    data: line,
  }));
  return [...found, ...lines];
}

/** The end of the axis: the highest stack, bound or limit. */
function highest({ costs, series, outlook, limit, query }: CostChartProps): number {
  const isStacked = query.style === "stacked";
  const tops = outlook.buckets.map((_, at) => {
    const likely = outlook.likely[at];
    const parts = series.map(({ amounts }) => drawn(amounts[at] ?? 0n));
    const spent = isStacked ? drawn(costs.totals[at] ?? 0n) : Math.max(0, ...parts);
    const all = drawn(sum([costs.totals[at] ?? 0n, likely?.rest ?? 0n]));
    return Math.max(spent, likely ? all : 0, drawn(likely?.upper ?? 0n));
  });
  return Math.max(0, Number(limit?.amount ?? 0), ...tops);
}

/** A series' name in the popover, and the way into it. */
function Name({ title, series, query, url }: CostChartProps & { title: string }) {
  const found = series.find(({ label, kind }) => label === title && kind !== "others");
  const to = found && deeperUrl(url, query.by, found.id);
  return to ? <InnerLink to={to}>{title}</InnerLink> : title;
}

function Footer({ at, costs, outlook, digits }: CostChartProps & { at: number }) {
  const likely = outlook.likely[at];
  const spent = costs.totals[at] ?? 0n;
  const text = (value: Exact) => moneyAt(drawn(value), digits, costs.currency);
  return (
    <>
      <b>Spent {text(spent)}</b>
      {outlook.buckets[at]?.isEstimated && " (estimated)"}
      {likely && (
        <div>
          In all {text(spent + likely.rest)}; {LEVEL}% likely{" "}
          {betweenText(likely, costs.currency, digits)}
        </div>
      )}
    </>
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
    <section ref={place} className="scrolled chart" aria-label={`${label}, chart`} tabIndex={0}>
      <div style={{ minWidth: width }}>{children}</div>
    </section>
  );
}
