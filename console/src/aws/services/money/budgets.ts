// Budgets: loaded with the first page that calls it.
import { BudgetsClient } from "@aws-sdk/client-budgets";
import { service } from "~/aws/service";

export const budgets = service("budgets", (config) => new BudgetsClient(config));
