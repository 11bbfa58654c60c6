// What a budget is for: names of domains, the whole account, or its filter as it is.
import type { Budget } from "@aws-sdk/client-budgets";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { nameOf } from "~/format/arn";
import { domainsOf } from "./draft";

interface ScopeProps {
  budget: Budget;
  domains: Map<string, string>;
}

export function Scope({ budget, domains }: ScopeProps) {
  const arns = domainsOf(budget);
  const isWell = budget.HealthStatus?.Status !== "UNHEALTHY";
  return (
    <>
      <span className="break">{scopeText(arns, domains)}</span>
      {!isWell && <StatusIndicator type="warning">Its filter can match nothing</StatusIndicator>}
    </>
  );
}

export function scopeText(arns: string[] | null, domains: Map<string, string>): string {
  if (arns === null) return "A filter of its own";
  if (arns.length === 0) return "The whole account";
  return arns.map((arn) => domains.get(nameOf(arn)) ?? nameOf(arn)).join(", ");
}
