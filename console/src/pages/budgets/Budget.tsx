// /console/budgets/{BudgetName}: one budget: how it stands and went, its alerts and its actions.
import { type Budget as AwsBudget, DeleteBudgetCommand, type Spend } from "@aws-sdk/client-budgets";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useNavigate, useParams } from "react-router";
import { budgets } from "~/aws/services/money/budgets";
import { useAction } from "~/aws/useAction";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { utcTime } from "~/format/time";
import { Page } from "~/page/Page";
import { TabsInUrl } from "~/page/TabsInUrl";
import { useDialog } from "~/page/useDialog";
import { useDomainNames } from "~/pages/costs/ask/useCosts";
import { InnerButton } from "~/parts/InnerButton";
import { useIdentity } from "~/session/useSession";
import { View } from "~/views/View";
import { Actions } from "./acting/Actions";
import { Alerts } from "./alerts/Alerts";
import { unitText } from "./draft";
import { History } from "./History";
import { Scope } from "./Scope";
import { Used } from "./Used";
import { limitOf, spendText, useBudget } from "./useBudgets";

export default function Budget() {
  const { BudgetName = "" } = useParams();
  const dialog = useDialog();
  const [isGone, setGone] = useState(false); // then nobody asks for it any more
  const budget = useBudget(BudgetName, isGone);
  return (
    <Page
      title={BudgetName}
      above={[{ text: "Budgets", to: "/budgets" }]}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <InnerButton to={`/budgets/${encodeURIComponent(BudgetName)}/edit`}>Edit</InnerButton>
          <Button onClick={() => dialog.open("delete")}>Delete</Button>
        </SpaceBetween>
      }
    >
      <View of={budget} what={`the budget ${BudgetName}`}>
        {({ Budget: found }) =>
          found && (
            <SpaceBetween size="l">
              <Overview budget={found} />
              <TabsInUrl
                label="About the budget"
                tabs={[
                  { id: "history", label: "History", content: () => <History budget={found} /> },
                  { id: "alerts", label: "Alerts", content: () => <Alerts budget={found} /> },
                  { id: "actions", label: "Actions", content: () => <Actions budget={found} /> },
                ]}
              />
            </SpaceBetween>
          )
        }
      </View>
      {dialog.is === "delete" && (
        <DeleteDialog
          name={BudgetName}
          onClose={dialog.close}
          onGone={() => flushSync(() => setGone(true))}
        />
      )}
    </Page>
  );
}

function Overview({ budget }: { budget: AwsBudget }) {
  const domains = useDomainNames();
  const { ActualSpend, ForecastedSpend } = budget.CalculatedSpend ?? {};
  const start = budget.TimePeriod?.Start;
  return (
    <Container>
      <KeyValuePairs
        columns={3}
        items={[
          {
            label: "Used in this period",
            value: (
              <Used
                used={ActualSpend?.Amount}
                limit={limitOf(budget)}
                label={`${budget.BudgetName}: used`}
              />
            ),
          },
          {
            label: "Spent of the limit",
            value: `${spendText(ActualSpend)} of ${spendText({ Amount: limitOf(budget), Unit: ActualSpend?.Unit })}`,
          },
          {
            label: "Forecast for the period",
            value: (
              <Forecast spend={ForecastedSpend} limit={limitOf(budget)} name={budget.BudgetName} />
            ),
          },
          { label: "Period", value: unitText(budget.TimeUnit) },
          { label: "For", value: <Scope budget={budget} domains={domains} /> },
          { label: "Counts from", value: start ? utcTime(start) : "-" },
        ]}
      />
    </Container>
  );
}

interface ForecastProps {
  spend: Spend | undefined;
  limit: string | undefined;
  name: string | undefined;
}

function Forecast({ spend, limit, name }: ForecastProps) {
  if (!spend) return <>Not before there are two weeks of history</>;
  return (
    <>
      {spendText(spend)}
      <Used used={spend.Amount} limit={limit} label={`${name}: forecast`} isForecast />
    </>
  );
}

interface DeleteProps {
  name: string;
  onClose: () => void;
  onGone: () => void;
}

function DeleteDialog({ name, onClose, onGone }: DeleteProps) {
  const { accountId: AccountId } = useIdentity();
  const navigate = useNavigate();
  const isLeft = useRef(false);
  const remove = useAction(
    async () => {
      await budgets.send(DeleteBudgetCommand, { AccountId, BudgetName: name });
      onGone();
      isLeft.current = true;
      navigate("/budgets", { replace: true });
    },
    { done: () => `Budget ${name} was deleted.` },
  );
  return (
    <TypedDelete
      title={`Delete ${name}`}
      word={name}
      action={remove}
      onClose={() => isLeft.current || onClose()}
    >
      The limit, its history, its alerts and its actions go; a policy that an action attached is
      taken away. Nothing of what was spent is forgotten: it stays in the ledger and on the costs
      page.
    </TypedDelete>
  );
}
