// An amount for each of the next twelve months, and one button that fills the empty ones alike.
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { monthName } from "~/format/months";
import { type Draft, plannedStarts } from "../draft";

interface PlannedFieldsProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  trouble: string;
}

export function PlannedFields({ draft, change, trouble }: PlannedFieldsProps) {
  const starts = plannedStarts(draft.start);
  const amounts = starts.map((_, at) => draft.planned[at] ?? "");
  const first = amounts.find((amount) => amount !== "");
  return (
    <FormField label="Amounts (USD)" errorText={trouble} stretch>
      <SpaceBetween size="s">
        <ColumnLayout columns={4}>
          {starts.map((start, at) => {
            const month = monthName(new Date(start * 1000).toISOString().slice(0, 10));
            return (
              <FormField key={start} label={month}>
                <Input
                  value={amounts[at] ?? ""}
                  inputMode="decimal"
                  onChange={({ detail }) =>
                    change({
                      planned: amounts.map((one, other) => (other === at ? detail.value : one)),
                    })
                  }
                />
              </FormField>
            );
          })}
        </ColumnLayout>
        <Button
          disabled={!first || amounts.every((amount) => amount !== "")}
          onClick={() => change({ planned: amounts.map((amount) => amount || (first ?? "")) })}
        >
          Fill the empty months with the first amount
        </Button>
      </SpaceBetween>
    </FormField>
  );
}
