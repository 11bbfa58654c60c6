// The wizard that makes or changes a budget: what and how much, for whom, alerts, actions, review with
// the commands. What was typed survives going back, reloading and a lost connection.
import {
  type Budget,
  CreateBudgetCommand,
  DeleteBudgetCommand,
  UpdateBudgetCommand,
} from "@aws-sdk/client-budgets";
import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useRef } from "react";
import { useNavigate } from "react-router";
import { renewAll } from "~/aws/cache";
import { budgets } from "~/aws/services/money/budgets";
import { type Plan, useSteps } from "~/aws/useSteps";
import { cliCommand } from "~/format/cli";
import { useNotices } from "~/page/notices";
import { useDraft } from "~/page/useDraft";
import { CliCommand } from "~/parts/CliCommand";
import { StepList } from "~/parts/StepList";
import { useIdentity } from "~/session/useSession";
import { ProblemText } from "~/views/ProblemText";
import { useWizard } from "~/wizard/useWizard";
import { actionPlan } from "../acting/plan";
import { EDIT_CHECKS, NEW_CHECKS } from "../checks";
import { alertsOf, budgetOf, type Draft, draftOf, EMPTY } from "../draft";
import { ActionsStep } from "./ActionsStep";
import { AlertsStep } from "./AlertsStep";
import { AmountStep } from "./AmountStep";
import { ReviewStep } from "./ReviewStep";
import { ScopeStep } from "./ScopeStep";

/** `existing`: the budget that is changed; a new one is made without. */
export function BudgetWizard({ existing }: { existing?: Budget }) {
  const { accountId } = useIdentity();
  const navigate = useNavigate();
  const notices = useNotices();
  const steps = useSteps();
  const made = useRef(""); // the budget that a plan made before a later step of it failed
  const name = existing?.BudgetName ?? "";
  const isNew = !existing;
  const [draft, change, forget] = useDraft(
    name ? `budget.${name}` : "budget",
    existing ? draftOf(existing) : EMPTY,
  );
  const { at, troubles, go } = useWizard(draft, isNew ? NEW_CHECKS : EDIT_CHECKS);
  const edit = (part: Partial<Draft>) => {
    steps.reset();
    change(part);
  };
  const given = { draft, change: edit, troubles, isNew };
  const asked = requestOf(accountId, draft, existing);

  /** What was made before something was edited is made anew, whole. */
  async function save(): Promise<void> {
    if (asked.NewBudget) {
      await budgets.send(UpdateBudgetCommand, asked);
      return;
    }
    const named = { AccountId: accountId, BudgetName: made.current };
    if (made.current) await budgets.send(DeleteBudgetCommand, named);
    made.current = "";
    await budgets.send(CreateBudgetCommand, asked);
    made.current = draft.name;
  }

  async function submit(): Promise<void> {
    const making = { accountId, budgetName: draft.name, people: draft.people };
    const more = isNew && draft.isStopping ? actionPlan(draft.action, making) : [];
    const plan: Plan[] = [{ text: `Budget ${draft.name}`, run: save }, ...more];
    const isDone = await steps.go(plan);
    renewAll();
    if (!isDone) return;
    notices.success(`Budget ${draft.name} was ${isNew ? "created" : "changed"}.`);
    forget();
    navigate(`/budgets/${encodeURIComponent(draft.name)}`);
  }

  const optional = [
    { title: "Alerts", isOptional: true, content: <AlertsStep {...given} /> },
    { title: "Actions", isOptional: true, content: <ActionsStep {...given} /> },
  ];
  return (
    <Wizard
      activeStepIndex={at}
      onNavigate={({ detail }) => go(detail.requestedStepIndex)}
      onCancel={() => {
        forget();
        navigate(name ? `/budgets/${encodeURIComponent(name)}` : "/budgets");
      }}
      onSubmit={() => void submit()}
      allowSkipTo
      isLoadingNextStep={steps.isRunning}
      submitButtonText={steps.problem ? "Go on" : isNew ? "Create budget" : "Save budget"}
      steps={[
        { title: "Period and amount", content: <AmountStep {...given} /> },
        { title: "For whom", content: <ScopeStep {...given} /> },
        ...(isNew ? optional : []),
        {
          title: "Review",
          content: (
            <SpaceBetween size="l">
              <ReviewStep draft={draft} isNew={isNew} onEdit={go} />
              {steps.steps.length > 1 && <StepList steps={steps.steps} />}
              {steps.problem && (
                <Alert type="error" header={steps.problem.code}>
                  <ProblemText problem={steps.problem} />
                </Alert>
              )}
              <CliCommand
                command={cliCommand("budgets", isNew ? "CreateBudget" : "UpdateBudget", asked)}
                isOpen
              />
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}

function requestOf(AccountId: string, draft: Draft, existing: Budget | undefined) {
  const budget = budgetOf(draft, existing);
  if (existing) return { AccountId, NewBudget: budget };
  const alerts = alertsOf(draft);
  return {
    AccountId,
    Budget: budget,
    ...(alerts.length ? { NotificationsWithSubscribers: alerts } : {}),
  };
}
