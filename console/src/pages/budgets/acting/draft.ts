// What is wrong with an action that is typed, and one as it begins.
import { valueTrouble } from "../alerts/thresholds";

export interface ActionDraft {
  percent: string;
  approval: "AUTOMATIC" | "MANUAL";
  roles: string[];
  users: string[];
  groups: string[];
}

export const NO_ACTION: ActionDraft = {
  percent: "100",
  approval: "AUTOMATIC",
  roles: [],
  users: [],
  groups: [],
};

export function actionTroubles(draft: ActionDraft): { percent: string; targets: string } {
  const { roles, users, groups } = draft;
  return {
    percent: valueTrouble(draft.percent),
    targets: roles.length + users.length + groups.length ? "" : "Choose at least one role or user.",
  };
}
