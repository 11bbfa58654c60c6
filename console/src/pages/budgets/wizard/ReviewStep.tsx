// The last step: all that was chosen, and a way back to each.
import SpaceBetween from "@cloudscape-design/components/space-between";
import { money } from "~/format/amounts";
import { useDomainNames } from "~/pages/costs/ask/useCosts";
import { type ReviewPart, ReviewParts } from "~/wizard/ReviewParts";
import { notificationOf, told } from "../alerts/thresholds";
import { type Draft, isPlanned, unitText } from "../draft";
import { scopeText } from "../Scope";

interface ReviewStepProps {
  draft: Draft;
  isNew: boolean;
  onEdit: (step: number) => void;
}

export function ReviewStep({ draft, isNew, onEdit }: ReviewStepProps) {
  const domains = useDomainNames();
  const scope = { all: [], domains: draft.domains, kept: null }[draft.scope];
  const amount = isPlanned(draft)
    ? draft.planned.map((one) => money(one)).join(", ")
    : money(draft.amount);
  const parts: ReviewPart[] = [
    {
      title: "Period and amount",
      items: [
        ["Budget name", draft.name],
        ["Amount", amount],
        ["It begins anew", unitText(draft.unit)],
        ["Counts from", draft.start || "The period that runs"],
      ],
    },
    { title: "For whom", items: [["What counts", scopeText(scope, domains)]] },
    ...(isNew ? [alertsPart(draft), actionsPart(draft)] : []),
  ];
  return (
    <SpaceBetween size="l">
      <ReviewParts parts={parts} onEdit={onEdit} />
    </SpaceBetween>
  );
}

function alertsPart({ alerts, people }: Draft): ReviewPart {
  if (!alerts.length) return { title: "Alerts", items: [["When", "Never"]] };
  const when = alerts.map((one) => told(notificationOf(one))).join("; ");
  return {
    title: "Alerts",
    items: [
      ["When", when],
      ["Who is told", people],
    ],
  };
}

function actionsPart({ isStopping, action }: Draft): ReviewPart {
  if (!isStopping) return { title: "Actions", items: [["What happens", "Nothing"]] };
  const { roles, users, groups, percent, approval } = action;
  return {
    title: "Actions",
    items: [
      ["What happens", `New starts are denied at ${percent}%`],
      ["To whom", [...roles, ...users, ...groups].join(", ")],
      ["Approval", approval === "MANUAL" ? "By hand" : "Not needed"],
    ],
  };
}
