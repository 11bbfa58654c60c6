// One threshold: of what was spent or of what is to be expected, how much, in percent or in money.
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { type AlertDraft, KINDS, type Kind, type ThresholdType } from "./thresholds";

const TYPES: Array<{ value: ThresholdType; label: string }> = [
  { value: "PERCENTAGE", label: "% of the limit" },
  { value: "ABSOLUTE_VALUE", label: "USD" },
];
const THIRDS = [{ colspan: 4 }, { colspan: 4 }, { colspan: 4 }];

interface AlertFieldsProps {
  draft: AlertDraft;
  change: (part: Partial<AlertDraft>) => void;
  trouble: string;
  /** For who cannot see which of several it is: "Alert 2". */
  name?: string;
}

export function AlertFields({ draft, change, trouble, name = "" }: AlertFieldsProps) {
  const label = (text: string) => (name ? `${name}: ${text.toLowerCase()}` : text);
  return (
    <Grid gridDefinition={THIRDS.map(({ colspan }) => ({ colspan: { default: 12, xs: colspan } }))}>
      <FormField label="What is looked at">
        <Select
          ariaLabel={label("What is looked at")}
          selectedOption={KINDS.find(({ value }) => value === draft.kind) ?? null}
          options={KINDS}
          onChange={({ detail }) => change({ kind: detail.selectedOption.value as Kind })}
        />
      </FormField>
      <FormField label="Is over" errorText={trouble}>
        <Input
          ariaLabel={label("Is over")}
          value={draft.value}
          inputMode="decimal"
          onChange={({ detail }) => change({ value: detail.value })}
        />
      </FormField>
      <FormField label="In">
        <Select
          ariaLabel={label("In")}
          selectedOption={TYPES.find(({ value }) => value === draft.type) ?? null}
          options={TYPES}
          onChange={({ detail }) => change({ type: detail.selectedOption.value as ThresholdType })}
        />
      </FormField>
    </Grid>
  );
}
