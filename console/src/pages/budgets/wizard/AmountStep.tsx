// Step 1: its name, how often it begins anew, and how much may be spent in that time.
import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import DatePicker from "@cloudscape-design/components/date-picker";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { StepProps } from "../draft";
import { UNITS, unitText } from "../draft";

const NO_NOTICE =
  "This server sends no notifications, and a budget stops nothing: how it stands is shown here and told by DescribeBudget.";

export function AmountStep({ draft, change, troubles, isNew }: StepProps) {
  const options = UNITS.map(({ id, text }) => ({ value: id as string, label: text }));
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField
          label="Budget name"
          description={
            isNew ? "It cannot be changed later." : "Names of budgets cannot be changed."
          }
          errorText={troubles.name}
        >
          <Input
            value={draft.name}
            disabled={!isNew}
            onChange={({ detail }) => change({ name: detail.value })}
            autoFocus={isNew}
          />
        </FormField>
        <FormField label="It begins anew" description="At midnight UTC.">
          <Select
            selectedOption={
              options.find(({ value }) => value === draft.unit) ?? {
                value: draft.unit,
                label: unitText(draft.unit),
              }
            }
            options={options}
            onChange={({ detail }) => change({ unit: detail.selectedOption.value ?? "" })}
          />
        </FormField>
        <FormField
          label="Amount (USD)"
          description="In the currency of the price list."
          errorText={troubles.amount}
        >
          <Input
            value={draft.amount}
            inputMode="decimal"
            onChange={({ detail }) => change({ amount: detail.value })}
          />
        </FormField>
        <FormField
          label={
            <span>
              Counts from <i>- optional</i>
            </span>
          }
          description="The history begins here. Left empty: with the period that runs."
          errorText={troubles.start}
        >
          <DatePicker
            value={draft.start}
            onChange={({ detail }) => change({ start: detail.value })}
            placeholder="YYYY/MM/DD"
            openCalendarAriaLabel={(day) => `Choose the first day${day ? `, now ${day}` : ""}`}
          />
        </FormField>
        <Alert type="info">{NO_NOTICE}</Alert>
      </SpaceBetween>
    </Container>
  );
}
