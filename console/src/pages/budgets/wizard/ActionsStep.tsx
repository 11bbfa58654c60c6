// Step 4: what happens by itself when the money is spent: new starts are denied, or nothing.
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { ActionFields } from "../acting/ActionFields";
import { PeopleField } from "../alerts/PeopleField";
import type { StepProps } from "../draft";

export function ActionsStep({ draft, change, troubles }: StepProps) {
  return (
    <Container>
      <SpaceBetween size="l">
        <Checkbox
          checked={draft.isStopping}
          onChange={({ detail }) => change({ isStopping: detail.checked })}
          description="A policy that denies CreateApp, Create...Job and the like is attached to whom you choose."
        >
          Deny new starts when the money is spent
        </Checkbox>
        {draft.isStopping && (
          <SpaceBetween size="l">
            <ActionFields
              draft={draft.action}
              change={(part) => change({ action: { ...draft.action, ...part } })}
              troubles={troubles}
              domains={draft.scope === "domains" ? draft.domains : []}
            />
            <PeopleField
              people={draft.people}
              change={(people) => change({ people })}
              trouble={troubles.people ?? ""}
            />
          </SpaceBetween>
        )}
      </SpaceBetween>
    </Container>
  );
}
