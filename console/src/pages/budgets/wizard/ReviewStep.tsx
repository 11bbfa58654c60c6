// Step 3: all that was chosen, and a way back to each.
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { money } from "~/format/amounts";
import { useDomainNames } from "~/pages/costs/ask/useCosts";
import { type Draft, unitText } from "../draft";
import { scopeText } from "../Scope";

export function ReviewStep({ draft, onEdit }: { draft: Draft; onEdit: (step: number) => void }) {
  const domains = useDomainNames();
  const scope = { all: [], domains: draft.domains, kept: null }[draft.scope];
  const parts: Array<{ title: string; items: Array<[string, string]> }> = [
    {
      title: "Period and amount",
      items: [
        ["Budget name", draft.name],
        ["Amount", money(draft.amount)],
        ["It begins anew", unitText(draft.unit)],
        ["Counts from", draft.start || "The period that runs"],
      ],
    },
    { title: "For whom", items: [["What counts", scopeText(scope, domains)]] },
  ];
  return (
    <SpaceBetween size="l">
      {parts.map(({ title, items }, step) => (
        <Container
          key={title}
          header={
            <Header
              variant="h2"
              actions={
                <Button ariaLabel={`Edit: ${title}`} onClick={() => onEdit(step)}>
                  Edit
                </Button>
              }
            >
              {title}
            </Header>
          }
        >
          <KeyValuePairs
            columns={Math.min(items.length, 4)}
            items={items.map(([label, value]) => ({
              label,
              value: <span className="break">{value}</span>,
            }))}
          />
        </Container>
      ))}
    </SpaceBetween>
  );
}
