// /console/budgets/{BudgetName}/edit: the wizard, filled with what the budget says now.
import Alert from "@cloudscape-design/components/alert";
import { useParams } from "react-router";
import { Page } from "~/page/Page";
import { View } from "~/views/View";
import { useBudget } from "../useBudgets";
import { BudgetWizard } from "./BudgetWizard";

export default function EditBudget() {
  const { BudgetName = "" } = useParams();
  const budget = useBudget(BudgetName);
  return (
    <Page
      title={`Edit ${BudgetName}`}
      above={[
        { text: "Budgets", to: "/budgets" },
        { text: BudgetName, to: `/budgets/${encodeURIComponent(BudgetName)}` },
      ]}
    >
      <View of={budget} what={`the budget ${BudgetName}`}>
        {({ Budget: found }) => {
          if (!found) return null;
          const isPlannedOtherwise = found.PlannedBudgetLimits && found.TimeUnit !== "MONTHLY";
          if (isPlannedOtherwise || found.BudgetType !== "COST") {
            return (
              <Alert type="info" header="This budget is changed by the API">
                It has limits planned for quarters, or counts usage: the wizard knows neither, and
                would lose them. Use UpdateBudget.
              </Alert>
            );
          }
          return <BudgetWizard existing={found} />;
        }}
      </View>
    </Page>
  );
}
