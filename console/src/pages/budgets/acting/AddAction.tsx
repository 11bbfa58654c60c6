// Adds "deny new starts" to a budget: its policy and role are made on the way, each step shown.
import type { Budget } from "@aws-sdk/client-budgets";
import { useState } from "react";
import { renewAll } from "~/aws/cache";
import { useSteps } from "~/aws/useSteps";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { useNotices } from "~/page/notices";
import { StepList } from "~/parts/StepList";
import { useIdentity } from "~/session/useSession";
import { PeopleField } from "../alerts/PeopleField";
import { peopleTrouble } from "../alerts/thresholds";
import { domainsOf } from "../draft";
import { ActionFields } from "./ActionFields";
import { type ActionDraft, actionTroubles, NO_ACTION } from "./draft";
import { actionPlan } from "./plan";

export function AddAction({ budget, onClose }: { budget: Budget; onClose: () => void }) {
  const { accountId } = useIdentity();
  const notices = useNotices();
  const steps = useSteps();
  const [draft, setDraft] = useState<ActionDraft>(NO_ACTION);
  const [people, setPeople] = useState("");
  const [isTried, setTried] = useState(false);
  const troubles = { ...actionTroubles(draft), people: peopleTrouble(people) };

  async function go(): Promise<void> {
    setTried(true);
    if (Object.values(troubles).some((text) => text)) return;
    const making = { accountId, budgetName: budget.BudgetName ?? "", people };
    const isDone = await steps.go(actionPlan(draft, making));
    renewAll();
    if (!isDone) return;
    notices.success("The action was added. It is looked at within half a minute.");
    onClose();
  }

  const given = isTried ? troubles : {};
  return (
    <ActionDialog
      title="Deny new starts"
      verb={steps.problem ? "Go on" : "Add action"}
      action={steps}
      onGo={go}
      onClose={onClose}
      isLarge
    >
      <ActionFields
        draft={draft}
        change={(part) => setDraft((all) => ({ ...all, ...part }))}
        troubles={given}
        domains={domainsOf(budget) ?? []}
      />
      <PeopleField people={people} change={setPeople} trouble={isTried ? troubles.people : ""} />
      {steps.steps.length > 0 && <StepList steps={steps.steps} />}
    </ActionDialog>
  );
}
