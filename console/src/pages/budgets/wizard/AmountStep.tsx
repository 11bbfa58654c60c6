// Step 1: its name, how often it begins anew, and how much may be spent in that time, beside what was
// spent before.
import Container from "@cloudscape-design/components/container";
import DatePicker from "@cloudscape-design/components/date-picker";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";
import type { StepProps } from "../draft";
import { isPlanned, UNITS, unitText } from "../draft";
import { PastSpend } from "./PastSpend";
import { PlannedFields } from "./PlannedFields";
import { TEMPLATES } from "./templates";

const METHODS = [
  { value: "fixed", label: "The same each time" },
  { value: "planned", label: "Planned for each month" },
];

export function AmountStep(given: StepProps) {
  const { draft, change, troubles, isNew } = given;
  return (
    <SpaceBetween size="l">
      <Container>
        <SpaceBetween size="l">
          {isNew && <TemplateField {...given} />}
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
          <PeriodFields {...given} />
        </SpaceBetween>
      </Container>
      <Container>
        <SpaceBetween size="l">
          <AmountFields {...given} />
          <PastSpend
            unit={draft.unit}
            domains={draft.scope === "domains" ? draft.domains : []}
            onTake={
              isPlanned(draft) || draft.scope === "kept"
                ? undefined
                : (amount) => change({ amount })
            }
          />
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

function TemplateField({ draft, change }: StepProps) {
  return (
    <FormField label="Begin with" stretch>
      <Tiles
        value={draft.template}
        columns={3}
        items={TEMPLATES.map(({ fills: _, ...tile }) => tile)}
        onChange={({ detail }) => {
          const chosen = TEMPLATES.find(({ value }) => value === detail.value);
          change({ template: detail.value, ...chosen?.fills });
        }}
      />
    </FormField>
  );
}

function PeriodFields({ draft, change, troubles }: StepProps) {
  const options = UNITS.map(({ id, text }) => ({ value: id as string, label: text }));
  return (
    <SpaceBetween size="l">
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
    </SpaceBetween>
  );
}

function AmountFields({ draft, change, troubles }: StepProps) {
  return (
    <SpaceBetween size="l">
      {draft.unit === "MONTHLY" && (
        <FormField label="How much">
          <Select
            selectedOption={METHODS.find(({ value }) => value === draft.method) ?? null}
            options={METHODS}
            onChange={({ detail }) =>
              change({ method: detail.selectedOption.value as "fixed" | "planned" })
            }
          />
        </FormField>
      )}
      {isPlanned(draft) ? (
        <PlannedFields draft={draft} change={change} trouble={troubles.planned ?? ""} />
      ) : (
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
      )}
    </SpaceBetween>
  );
}
