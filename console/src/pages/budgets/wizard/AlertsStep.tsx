// Step 3: when somebody is to be told, and who.
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { AlertFields } from "../alerts/AlertFields";
import { PeopleField } from "../alerts/PeopleField";
import { ALERTS_MAX, type AlertDraft } from "../alerts/thresholds";
import type { StepProps } from "../draft";

const NEXT: AlertDraft = { kind: "ACTUAL", value: "85", type: "PERCENTAGE" };

export function AlertsStep({ draft, change, troubles }: StepProps) {
  const { alerts } = draft;
  const replace = (at: number, part: Partial<AlertDraft>) =>
    change({ alerts: alerts.map((one, other) => (other === at ? { ...one, ...part } : one)) });
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Each is given once in a period. None is needed: the budget is shown all the same."
          actions={
            <Button
              disabled={alerts.length >= ALERTS_MAX}
              onClick={() => change({ alerts: [...alerts, NEXT] })}
            >
              Add alert
            </Button>
          }
        >
          Alerts
        </Header>
      }
    >
      <SpaceBetween size="l">
        {alerts.map((alert, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: alerts have no name but their place
          <SpaceBetween key={at} size="xs">
            <AlertFields
              name={`Alert ${at + 1}`}
              draft={alert}
              change={(part) => replace(at, part)}
              trouble={troubles[`alert${at}`] ?? ""}
            />
            <Button
              variant="inline-link"
              ariaLabel={`Remove alert ${at + 1}`}
              onClick={() => change({ alerts: alerts.filter((_, other) => other !== at) })}
            >
              Remove
            </Button>
          </SpaceBetween>
        ))}
        {troubles.alerts && <FormField errorText={troubles.alerts} />}
        {alerts.length > 0 && (
          <PeopleField
            people={draft.people}
            change={(people) => change({ people })}
            trouble={troubles.people ?? ""}
          />
        )}
      </SpaceBetween>
    </Container>
  );
}
