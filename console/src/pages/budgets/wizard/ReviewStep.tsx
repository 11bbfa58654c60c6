// Step 3: all that was chosen, and a way back to each.
import SpaceBetween from "@cloudscape-design/components/space-between";
import { money } from "~/format/amounts";
import { useDomainNames } from "~/pages/costs/ask/useCosts";
import { type ReviewPart, ReviewParts } from "~/wizard/ReviewParts";
import { type Draft, unitText } from "../draft";
import { scopeText } from "../Scope";

export function ReviewStep({ draft, onEdit }: { draft: Draft; onEdit: (step: number) => void }) {
  const domains = useDomainNames();
  const scope = { all: [], domains: draft.domains, kept: null }[draft.scope];
  const parts: ReviewPart[] = [
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
      <ReviewParts parts={parts} onEdit={onEdit} />
    </SpaceBetween>
  );
}
