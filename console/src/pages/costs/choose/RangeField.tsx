// The date range: a word such as "Last 30 days", so that a kept link stays current, or two dates. Days
// to come are forecast.
import DateRangePicker, {
  type DateRangePickerProps,
} from "@cloudscape-design/components/date-range-picker";
import { counted } from "~/format/amounts";
import { AHEAD_MONTHS, monthsOn, plusDays, RANGES } from "~/pages/costs/ask/periods";
import type { Query } from "~/pages/costs/ask/query";

interface RangeFieldProps {
  query: Query;
  today: string;
  onChange: (range: string) => void;
}

const RELATIVE = Object.keys(RANGES).map((key) => relative(key));

export function RangeField({ query, today, onChange }: RangeFieldProps) {
  const { range, period } = query;
  const isDates = range.includes("_");
  const value: DateRangePickerProps.Value = isDates
    ? { type: "absolute", startDate: period.start, endDate: plusDays(period.end, -1) }
    : relative(range);
  return (
    <DateRangePicker
      value={value}
      dateOnly
      hideTimeOffset
      relativeOptions={RELATIVE}
      customRelativeRangeUnits={["day", "week", "month", "year"]}
      isDateEnabled={(date) => localDay(date) < monthsOn(today, AHEAD_MONTHS.month)}
      isValidRange={(chosen) => validity(chosen, today)}
      onChange={({ detail }) => detail.value && onChange(wordOf(detail.value))}
      i18nStrings={{
        formatRelativeRange: (one) =>
          RANGES[wordOf(one)] ?? `Last ${counted(one.amount, one.unit)}`,
      }}
      ariaLabel="Date range, UTC"
      absoluteFormat="iso"
      expandToViewport
    />
  );
}

function relative(key: string): DateRangePickerProps.RelativeOption {
  const [, amount = "1", unit = "month"] = /^(\d+)-(\w+)$/.exec(key) ?? [];
  return {
    type: "relative",
    key,
    amount: Number(amount),
    unit: unit as DateRangePickerProps.TimeUnit,
  };
}

function wordOf(value: DateRangePickerProps.Value): string {
  if (value.type === "absolute") {
    return `${value.startDate.slice(0, 10)}_${value.endDate.slice(0, 10)}`;
  }
  return value.key ?? `${value.amount}-${value.unit}`;
}

function validity(
  value: DateRangePickerProps.Value | null,
  today: string,
): DateRangePickerProps.ValidationResult {
  const wrong = (errorMessage: string) => ({ valid: false as const, errorMessage });
  if (!value) return wrong("Choose a range.");
  if (value.type === "relative") {
    return value.amount > 0 && value.amount < 1000 ? { valid: true } : wrong("1 to 999.");
  }
  if (!value.startDate || !value.endDate) return wrong("Choose the first and the last day.");
  if (value.endDate.slice(0, 10) >= monthsOn(today, AHEAD_MONTHS.month)) {
    return wrong(`Forecasts reach ${AHEAD_MONTHS.month} months ahead.`);
  }
  return { valid: true };
}

function localDay(date: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
