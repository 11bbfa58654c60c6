// Where a new budget begins: AWS's two templates that people know, or nothing.
import type { Draft } from "../draft";

export interface Template {
  value: string;
  label: string;
  description: string;
  fills: Partial<Draft>;
}

export const TEMPLATES: Template[] = [
  {
    value: "custom",
    label: "Custom",
    description: "Any period, amount, alerts and actions.",
    fills: { alerts: [] },
  },
  {
    value: "monthly",
    label: "Monthly cost",
    description: "Alerts when 85% and 100% are spent, and when the forecast passes 100%.",
    fills: {
      unit: "MONTHLY",
      alerts: [
        { kind: "ACTUAL", value: "85", type: "PERCENTAGE" },
        { kind: "ACTUAL", value: "100", type: "PERCENTAGE" },
        { kind: "FORECASTED", value: "100", type: "PERCENTAGE" },
      ],
    },
  },
  {
    value: "zero",
    label: "Zero spend",
    description: "An alert as soon as anything at all is spent: more than one cent.",
    fills: {
      unit: "MONTHLY",
      amount: "1",
      method: "fixed",
      alerts: [{ kind: "ACTUAL", value: "0.01", type: "ABSOLUTE_VALUE" }],
    },
  },
];
