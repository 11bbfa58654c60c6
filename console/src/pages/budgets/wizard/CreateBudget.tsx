// /console/budgets/create: a new budget.
import { Page } from "~/page/Page";
import { BudgetWizard } from "./BudgetWizard";

export default function CreateBudget() {
  return (
    <Page title="Create budget" above={[{ text: "Budgets", to: "/budgets" }]}>
      <BudgetWizard />
    </Page>
  );
}
