// What is wrong with each step of the wizard, by field; an empty object where all is well.
import { actionTroubles } from "./acting/draft";
import { ALERTS_MAX, peopleTrouble, valueTrouble } from "./alerts/thresholds";
import {
  amountTrouble,
  type Draft,
  isPlanned,
  MONTHS_PLANNED,
  nameTrouble,
  type Troubles,
} from "./draft";

type Check = (draft: Draft) => Troubles;

const amount: Check = (draft) =>
  some({
    name: nameTrouble(draft.name),
    amount: isPlanned(draft) ? "" : amountTrouble(draft.amount),
    planned: isPlanned(draft) ? plannedTrouble(draft.planned) : "",
    start: !draft.start || !Number.isNaN(Date.parse(draft.start)) ? "" : "A date, YYYY/MM/DD.",
  });

const scope: Check = (draft) =>
  some({
    domains:
      draft.scope === "domains" && !draft.domains.length ? "Choose at least one domain." : "",
  });

const alerts: Check = (draft) => {
  const found = draft.alerts.map(({ value }, at) => [`alert${at}`, valueTrouble(value)]);
  const texts = draft.alerts.map((one) => JSON.stringify([one.kind, Number(one.value), one.type]));
  return some({
    ...Object.fromEntries(found),
    alerts: alertsTrouble(texts),
    people: draft.alerts.length ? peopleTrouble(draft.people) : "",
  });
};

const action: Check = (draft) =>
  draft.isStopping
    ? some({ ...actionTroubles(draft.action), people: peopleTrouble(draft.people) })
    : {};

export const NEW_CHECKS: Check[] = [amount, scope, alerts, action, () => ({})];
export const EDIT_CHECKS: Check[] = [amount, scope, () => ({})];

function plannedTrouble(planned: string[]): string {
  const isWhole = planned.length === MONTHS_PLANNED && planned.every((one) => !amountTrouble(one));
  return isWhole ? "" : "An amount above 0 for each month.";
}

function alertsTrouble(texts: string[]): string {
  if (texts.length > ALERTS_MAX) return `At most ${ALERTS_MAX} alerts.`;
  return new Set(texts).size < texts.length ? "Two alerts are the same." : "";
}

function some(troubles: Troubles): Troubles {
  return Object.fromEntries(Object.entries(troubles).filter(([, text]) => text));
}
