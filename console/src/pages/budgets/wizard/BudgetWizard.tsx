// The wizard that makes or changes a budget: what and how much, for whom, review with the command.
// What was typed survives going back, reloading and a lost connection.
import { type Budget, CreateBudgetCommand, UpdateBudgetCommand } from "@aws-sdk/client-budgets";
import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useNavigate } from "react-router";
import { budgets } from "~/aws/services/money/budgets";
import { useAction } from "~/aws/useAction";
import { cliCommand } from "~/format/cli";
import { useDraft } from "~/page/useDraft";
import { CliCommand } from "~/parts/CliCommand";
import { useIdentity } from "~/session/useSession";
import { ProblemText } from "~/views/ProblemText";
import { useWizard } from "~/wizard/useWizard";
import { budgetOf, CHECKS, draftOf, EMPTY } from "../draft";
import { AmountStep } from "./AmountStep";
import { ReviewStep } from "./ReviewStep";
import { ScopeStep } from "./ScopeStep";

/** `existing`: the budget that is changed; a new one is made without. */
export function BudgetWizard({ existing }: { existing?: Budget }) {
  const { accountId: AccountId } = useIdentity();
  const navigate = useNavigate();
  const name = existing?.BudgetName ?? "";
  const [draft, change, forget] = useDraft(
    name ? `budget.${name}` : "budget",
    existing ? draftOf(existing) : EMPTY,
  );
  const { at, troubles, go } = useWizard(draft, CHECKS);
  const given = { draft, change, troubles, isNew: !existing };
  const budget = budgetOf(draft, existing);
  const back = name ? `/budgets/${encodeURIComponent(name)}` : "/budgets";

  const save = useAction(
    () =>
      existing
        ? budgets.send(UpdateBudgetCommand, { AccountId, NewBudget: budget })
        : budgets.send(CreateBudgetCommand, { AccountId, Budget: budget }),
    { done: () => `Budget ${draft.name} was ${existing ? "changed" : "created"}.` },
  );

  async function submit(): Promise<void> {
    if (!(await save.run())) return;
    forget();
    navigate(`/budgets/${encodeURIComponent(draft.name)}`);
  }

  const command = existing
    ? cliCommand("budgets", "UpdateBudget", { AccountId, NewBudget: budget })
    : cliCommand("budgets", "CreateBudget", { AccountId, Budget: budget });
  return (
    <Wizard
      activeStepIndex={at}
      onNavigate={({ detail }) => go(detail.requestedStepIndex)}
      onCancel={() => {
        forget();
        navigate(back);
      }}
      onSubmit={() => void submit()}
      isLoadingNextStep={save.isRunning}
      submitButtonText={existing ? "Save budget" : "Create budget"}
      steps={[
        { title: "Period and amount", content: <AmountStep {...given} /> },
        { title: "For whom", content: <ScopeStep {...given} /> },
        {
          title: "Review",
          content: (
            <SpaceBetween size="l">
              <ReviewStep draft={draft} onEdit={go} />
              {save.problem && (
                <Alert type="error" header={save.problem.code}>
                  <ProblemText problem={save.problem} />
                </Alert>
              )}
              <CliCommand command={command} isOpen />
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}
