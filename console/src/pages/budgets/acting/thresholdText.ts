// When an action is due, in words: "Spent over 100%".
import type { Action } from "@aws-sdk/client-budgets";

export const thresholdText = ({ ActionThreshold: at, NotificationType }: Action): string => {
  const what = NotificationType === "FORECASTED" ? "Forecast" : "Spent";
  const unit = at?.ActionThresholdType === "PERCENTAGE" ? "%" : " USD";
  return `${what} over ${at?.ActionThresholdValue}${unit}`;
};
