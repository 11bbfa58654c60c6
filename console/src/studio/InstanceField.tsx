// An instance type, chosen with its size and what an hour of it costs before anything starts.
import Select from "@cloudscape-design/components/select";
import { rate } from "~/format/amounts";
import { useRates } from "./rates";

export const INSTANCE_DEFAULT = "ml.t3.medium"; // as CreateApp takes where nobody says

interface InstanceFieldProps {
  value: string;
  onChange: (instanceType: string) => void;
  /** What an empty choice means, such as "The domain's default (ml.t3.medium)". */
  usual?: string;
  label?: string;
}

export function InstanceField(given: InstanceFieldProps) {
  const { value, onChange, usual, label = "Instance type" } = given;
  const rates = useRates();
  const known = [...(rates.data ?? [])].sort(([, a], [, b]) => a.usd - b.usd);
  const options = known.map(([name, { usd, size }]) => ({
    value: name,
    label: name,
    description: size,
    labelTag: rate(usd),
  }));
  const all = usual ? [{ value: "", label: usual }, ...options] : options;
  const chosen = all.find((option) => option.value === value) ?? { value, label: value };
  return (
    <Select
      selectedOption={chosen}
      options={all}
      onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
      filteringType="auto"
      filteringPlaceholder="Find an instance type"
      filteringAriaLabel="Find an instance type"
      ariaLabel={label}
      triggerVariant="option"
      virtualScroll
      statusType={rates.data || rates.problem ? "finished" : "loading"}
      loadingText="Loading prices"
      empty={rates.problem ? `Prices cannot be seen: ${rates.problem.message}` : "No prices"}
    />
  );
}
