// Thresholds of alerts and actions: how they are spelled, what they come to, and whether a draft of
// one can be sent.
import type { Budget, Notification } from "@aws-sdk/client-budgets";
import { limitOf, spendText } from "../useBudgets";

export type Kind = "ACTUAL" | "FORECASTED";
export type ThresholdType = "PERCENTAGE" | "ABSOLUTE_VALUE";

/** A threshold as it is typed; it is passed when spend is greater. */
export interface AlertDraft {
  kind: Kind;
  value: string;
  type: ThresholdType;
}

export const KINDS: Array<{ value: Kind; label: string }> = [
  { value: "ACTUAL", label: "Spent" },
  { value: "FORECASTED", label: "Forecast" },
];
export const ALERTS_MAX = 10; // Budgets API reference, NotificationWithSubscribersList
export const PEOPLE_MAX = 10;

const VALUE = /^\d{1,12}(\.\d{1,4})?$/;
const ADDRESS = /^[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,189}$/;

export const notificationOf = ({ kind, value, type }: AlertDraft): Notification => ({
  NotificationType: kind,
  ComparisonOperator: "GREATER_THAN",
  Threshold: Number(value),
  ThresholdType: type,
});

export const addressesOf = (text: string): string[] =>
  text.split(/[\s,;]+/).filter((address) => address !== "");

export const subscribersOf = (text: string) =>
  addressesOf(text).map((Address) => ({ SubscriptionType: "EMAIL" as const, Address }));

export const valueTrouble = (value: string): string =>
  VALUE.test(value) ? "" : "A number, such as 85.";

export function peopleTrouble(text: string): string {
  const found = addressesOf(text);
  if (!found.length) return "At least one e-mail address: AWS's API asks for it.";
  if (found.length > PEOPLE_MAX) return `At most ${PEOPLE_MAX} addresses.`;
  if (new Set(found).size < found.length) return "The same address stands here twice.";
  const wrong = found.find((address) => !ADDRESS.test(address));
  return wrong ? `${wrong} is not an e-mail address.` : "";
}

const OPERATORS: Record<string, string> = {
  GREATER_THAN: "over",
  LESS_THAN: "under",
  EQUAL_TO: "equal to",
};

/** "Spent over 85% of the limit". */
export function told(one: Notification, unit = "USD"): string {
  const what = one.NotificationType === "FORECASTED" ? "Forecast" : "Spent";
  const how = OPERATORS[one.ComparisonOperator ?? ""] ?? "";
  const value = one.Threshold ?? 0;
  const isPart = one.ThresholdType !== "ABSOLUTE_VALUE";
  const bound = isPart
    ? `${value}% of the limit`
    : spendText({ Amount: String(value), Unit: unit });
  return `${what} ${how} ${bound}`;
}

/** What a threshold comes to in money; "-" where there is no limit. */
export function amountText(budget: Budget, value: number, type: string | undefined): string {
  const unit = budget.CalculatedSpend?.ActualSpend?.Unit;
  const limit = limitOf(budget);
  if (type === "ABSOLUTE_VALUE") return spendText({ Amount: String(value), Unit: unit });
  if (!limit) return "-";
  return spendText({ Amount: String((Number(limit) * value) / 100), Unit: unit });
}
