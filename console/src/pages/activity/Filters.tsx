// What of the history is shown: who, what, on which thing, in which domain, how it ended, and when.
// All of it stands in the URL; typed words are asked for once the typing rests.
import { ListDomainsCommand } from "@aws-sdk/client-sagemaker";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import DateRangePicker, {
  type DateRangePickerProps,
} from "@cloudscape-design/components/date-range-picker";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useEffect, useState } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { usePages } from "~/aws/useCall";
import type { Question } from "./question";

interface FiltersProps {
  of: Question;
  onChange: (change: Partial<Question>) => void;
}

const REST_MS = 400;
const OUTCOMES = [
  { value: "", label: "Any outcome" },
  { value: "refused", label: "Refused only" },
  { value: "failed", label: "Failed only" },
];
const KINDS = [
  { value: "changes", label: "Changes" },
  { value: "all", label: "Changes and reads" },
];
const RELATIVE: DateRangePickerProps.RelativeOption[] = [
  { key: "hour", amount: 1, unit: "hour", type: "relative" },
  { key: "day", amount: 24, unit: "hour", type: "relative" },
  { key: "week", amount: 7, unit: "day", type: "relative" },
  { key: "month", amount: 30, unit: "day", type: "relative" },
];
const UNITS: Record<string, number> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
  year: 365 * 86_400_000,
};

export function Filters({ of, onChange }: FiltersProps) {
  const domains = usePages(sagemaker, ListDomainsCommand, { MaxResults: 100 }, "Domains");
  const options = [
    { value: "", label: "All domains" },
    ...(domains.data ?? []).map((one) => ({
      value: one.DomainId ?? "",
      label: one.DomainName ?? "",
      description: one.DomainId ?? "",
    })),
  ];
  const domain = options.find((one) => one.value === of.domain) ?? {
    value: of.domain,
    label: of.domain,
  };
  return (
    <Container>
      <ColumnLayout columns={4}>
        <Words
          label="Who"
          value={of.who}
          hint="User, session or root"
          onChange={(who) => onChange({ who })}
        />
        <Words
          label="What"
          value={of.what}
          hint="Such as CreateTrainingJob"
          onChange={(what) => onChange({ what })}
        />
        <Words
          label="Resource"
          value={of.resource}
          hint="Name or ARN"
          onChange={(resource) => onChange({ resource })}
        />
        <FormField label="Domain">
          <Select
            options={options}
            selectedOption={domain}
            filteringType="auto"
            statusType={domains.data || domains.problem ? "finished" : "loading"}
            onChange={({ detail }) => onChange({ domain: detail.selectedOption.value ?? "" })}
          />
        </FormField>
        <FormField label="Outcome">
          <Select
            options={OUTCOMES}
            selectedOption={OUTCOMES.find((one) => one.value === of.outcome) ?? null}
            onChange={({ detail }) => onChange({ outcome: detail.selectedOption.value ?? "" })}
          />
        </FormField>
        <FormField label="Kind">
          <Select
            options={KINDS}
            selectedOption={KINDS.find((one) => one.value === of.kind) ?? null}
            disabled={!!of.outcome}
            onChange={({ detail }) => onChange({ kind: detail.selectedOption.value ?? "" })}
          />
        </FormField>
        <FormField label="Time">
          <DateRangePicker
            value={rangeOf(of.time)}
            onChange={({ detail }) => onChange({ time: timeOf(detail.value) })}
            relativeOptions={RELATIVE}
            isValidRange={isValid}
            placeholder="All of it"
            expandToViewport
          />
        </FormField>
      </ColumnLayout>
    </Container>
  );
}

interface WordsProps {
  label: string;
  value: string;
  hint: string;
  onChange: (value: string) => void;
}

function Words({ label, value, hint, onChange }: WordsProps) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed begins the rest
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => onChange(typed.trim()), REST_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <FormField label={label}>
      <Input
        type="search"
        value={typed}
        placeholder={hint}
        onChange={({ detail }) => setTyped(detail.value)}
        onKeyDown={({ detail }) => detail.key === "Enter" && onChange(typed.trim())}
        spellcheck={false}
        clearAriaLabel={`Clear ${label}`}
      />
    </FormField>
  );
}

function rangeOf(time: string): DateRangePickerProps.Value | null {
  if (!time) return null;
  if (/^\d+$/.test(time)) {
    const known = RELATIVE.find((one) => one.amount * (UNITS[one.unit] ?? 0) === Number(time));
    return known ?? { type: "relative", amount: Number(time) / 60_000, unit: "minute" };
  }
  const [startDate = "", endDate = ""] = time.split("/");
  return { type: "absolute", startDate, endDate };
}

function timeOf(range: DateRangePickerProps.Value | null): string {
  if (!range) return "";
  if (range.type === "relative") return String(range.amount * (UNITS[range.unit] ?? 0));
  return `${range.startDate}/${range.endDate}`;
}

function isValid(range: DateRangePickerProps.Value | null): DateRangePickerProps.ValidationResult {
  if (range?.type !== "absolute") return { valid: true };
  if (!range.startDate || !range.endDate) {
    return { valid: false, errorMessage: "Give the start and the end." };
  }
  return new Date(range.startDate) <= new Date(range.endDate)
    ? { valid: true }
    : { valid: false, errorMessage: "The start is after the end." };
}
