// What is shown, and how: range, granularity, grouping, style, how many series, filters. All in the URL.
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { DIMENSIONS, dimensionOf, NONE } from "~/pages/costs/ask/dimensions";
import { GRANULARITIES, plusDays, RANGE_USUAL } from "~/pages/costs/ask/periods";
import { type Filter, filtersInUrl, type Query, STYLES, TOPS } from "~/pages/costs/ask/query";
import { FilterField } from "./FilterField";
import { RangeField } from "./RangeField";

interface ControlsProps {
  query: Query;
  today: string;
  domains: Map<string, string>;
  change: (part: Record<string, string | null>) => void;
}

const TOP_USUAL = "9";

export function Controls({ query, today, domains, change }: ControlsProps) {
  const put = (name: string, usual: string) => (value: string) =>
    change({ [name]: value === usual ? null : value, "groups.page": null, "times.page": null });
  const filter = (filters: Filter[]) => change({ ...filtersInUrl(filters), "groups.page": null });
  return (
    <SpaceBetween size="m">
      <Grid
        gridDefinition={[
          { colspan: { default: 12, xs: 6, m: 4 } },
          { colspan: { default: 6, xs: 6, m: 2 } },
          { colspan: { default: 6, xs: 6, m: 3 } },
          { colspan: { default: 12, xs: 6, m: 3 } },
        ]}
      >
        <FormField label="Date range (UTC)">
          <RangeField query={query} today={today} onChange={put("range", RANGE_USUAL)} />
        </FormField>
        <Choice
          label="Per"
          value={query.granularity}
          options={GRANULARITIES.map(({ id, text }) => [id, text])}
          onChange={put("per", "day")}
        />
        <Choice
          label="Group by"
          value={query.by.id}
          options={DIMENSIONS.map(({ id, text }) => [id, text])}
          onChange={put("by", "domain")}
        />
        <Choice
          label="In the chart"
          value={String(query.top)}
          options={TOPS.map((top) => [String(top), `The ${top} dearest`])}
          onChange={put("top", TOP_USUAL)}
        />
      </Grid>
      <FilterField
        filters={query.filters}
        period={query.past ?? { start: plusDays(today, -30), end: plusDays(today, 1) }}
        domains={domains}
        onChange={filter}
      />
      <div className="bar">
        <SegmentedControl
          label="Style of the chart"
          selectedId={query.style}
          options={STYLES}
          onChange={({ detail }) => put("style", "stacked")(detail.selectedId)}
        />
        <OnlyUntagged filters={query.filters} onChange={filter} />
      </div>
    </SpaceBetween>
  );
}

interface OnlyUntaggedProps {
  filters: Filter[];
  onChange: (filters: Filter[]) => void;
}

/** What carries no domain's tag: the one filter that is wanted at a click. */
function OnlyUntagged({ filters, onChange }: OnlyUntaggedProps) {
  const isIt = ({ dimension, values, isNot }: Filter) =>
    dimension.id === "domain" && !isNot && values.join() === NONE;
  const others = filters.filter(({ dimension, isNot }) => dimension.id !== "domain" || isNot);
  const untagged = { dimension: dimensionOf("domain"), values: [NONE], isNot: false };
  return (
    <Toggle
      checked={filters.some(isIt)}
      onChange={({ detail }) => onChange(detail.checked ? [...others, untagged] : others)}
    >
      Only untagged (no domain)
    </Toggle>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: Array<[string, string]>;
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  const all = options.map(([id, text]) => ({ value: id, label: text }));
  return (
    <FormField label={label}>
      <Select
        selectedOption={all.find((one) => one.value === value) ?? null}
        options={all}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
      />
    </FormField>
  );
}
