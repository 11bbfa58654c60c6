// Filters by domain, user, space, service, usage type, instance type and region: each takes several
// values, in or out, and all must hold.
import PropertyFilter, {
  type PropertyFilterProps,
} from "@cloudscape-design/components/property-filter";
import { dimensionOf, FILTERS, labelOf, NONE } from "~/pages/costs/ask/dimensions";
import type { Period } from "~/pages/costs/ask/periods";
import type { Filter } from "~/pages/costs/ask/query";
import { useOptions } from "~/pages/costs/ask/useOptions";

interface FilterFieldProps {
  filters: Filter[];
  period: Period;
  domains: Map<string, string>;
  onChange: (filters: Filter[]) => void;
}

export function FilterField({ filters, period, domains, onChange }: FilterFieldProps) {
  const [options, ask] = useOptions(period);
  const label = (id: string, value: string) =>
    labelOf(dimensionOf(id), value === NONE ? "" : value, domains);
  const properties = FILTERS.map(({ id, text, many }) => ({
    key: id,
    propertyLabel: text,
    groupValuesLabel: `${text[0]}${many.slice(1)}`,
    operators: (["=", "!="] as const).map((operator) => ({
      operator,
      tokenType: "enum" as const,
      format: (values: string[] | null) => (values ?? []).map((one) => label(id, one)).join(", "),
    })),
  }));
  return (
    <PropertyFilter
      query={{
        operation: "and",
        tokens: filters.map(({ dimension, values, isNot }) => ({
          propertyKey: dimension.id,
          operator: isNot ? "!=" : "=",
          value: values,
        })),
      }}
      onChange={({ detail }) => onChange(filtersOf(detail))}
      filteringProperties={properties}
      filteringOptions={(options.data ?? []).map(({ dimension, value }) => ({
        propertyKey: dimension.id,
        value,
        label: label(dimension.id, value),
      }))}
      onLoadItems={({ detail }) => detail.filteringProperty && ask(detail.filteringProperty.key)}
      filteringStatusType={statusOf(options)}
      filteringLoadingText="Loading values"
      filteringErrorText={options.problem?.message ?? "The values could not be loaded"}
      filteringEmpty="Nothing to choose from"
      disableFreeTextFiltering
      hideOperations
      filteringPlaceholder="Filter by domain, user, service ..."
      filteringAriaLabel="Filter costs"
      countText={`${filters.length} in force`}
      expandToViewport
    />
  );
}

function statusOf(options: ReturnType<typeof useOptions>[0]): PropertyFilterProps.StatusType {
  if (options.problem) return "error";
  return options.isLoading ? "loading" : "finished";
}

function filtersOf({ tokens }: PropertyFilterProps.Query): Filter[] {
  return tokens.flatMap(({ propertyKey, operator, value }) => {
    const values = ([] as string[]).concat(value ?? []);
    if (!propertyKey || values.length === 0) return [];
    return [{ dimension: dimensionOf(propertyKey), values, isNot: operator === "!=" }];
  });
}
