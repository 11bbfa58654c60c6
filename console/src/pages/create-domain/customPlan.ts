// What the custom wizard does, a step a thing. What an earlier try made is remembered for the tab:
// after a failure, a lost connection or a reload it goes on, and nothing is made twice.
import type { Plan } from "~/aws/useSteps";
import { domainArn } from "~/format/arn";
import { ACTIVITIES_POLICY, putPolicy, takeRole } from "~/roles/making";
import { TIGHT } from "~/roles/tight";
import { ownBucket, policyOf } from "~/roles/wish";
import { makeBucket } from "./bucket";
import { type Draft, peopleOf } from "./draft";
import { type Given, requestOf, roleNameOf, roleOf } from "./request";
import { serverNow, takeDomain, takePerson } from "./taking";

export interface Made {
  /** The text of the request for the domain: another one makes another domain. */
  request: string;
  /** When it was first asked, by the server's clock. */
  askedAt: number;
  /** "": the answer has not come. */
  domainId: string;
  people: string[];
}

export const NOTHING_MADE: Made = { request: "", askedAt: 0, domainId: "", people: [] };

/** `keep` is told what is made, as soon as it is. */
export function customPlan(
  draft: Draft,
  given: Given,
  made: Made,
  keep: (made: Made) => void,
): Plan[] {
  const isNew = draft.roleWay === "new";
  const name = roleNameOf(draft);
  const now = { ...made };
  const note = (part: Partial<Made>) => keep(Object.assign(now, part));
  const role: Plan = {
    text: `Execution role ${name}`,
    run: async () => {
      await takeRole(name, draft.name);
    },
  };
  const policy: Plan = {
    text: draft.wish.isKept ? "Policy that keeps it to this domain" : "Policy of its activities",
    run: () => {
      const { domainId } = now;
      const whole = policyOf(draft.wish, { ...given, domainId, roleArn: roleOf(draft, given) });
      return putPolicy(name, draft.wish.isKept ? TIGHT : ACTIVITIES_POLICY, whole);
    },
  };
  const bucket: Plan = {
    text: "Bucket for its files",
    run: () => {
      const arn = domainArn(given.region, given.accountId, now.domainId);
      return makeBucket(ownBucket(now.domainId), given.region, arn);
    },
  };
  return [
    ...(isNew ? [role] : []),
    { text: `Domain ${draft.name}`, run: () => makeDomain(draft, given, now, note) },
    ...(isNew && draft.wish.buckets === "own" ? [bucket] : []),
    ...(isNew ? [policy] : []),
    ...peopleOf(draft).map((person) => ({
      text: `User profile ${person}`,
      run: () => addPerson(person, now, note),
    })),
  ];
}

type Note = (part: Partial<Made>) => void;

async function makeDomain(draft: Draft, given: Given, made: Made, note: Note): Promise<void> {
  const request = requestOf(draft, given);
  const text = JSON.stringify(request);
  if (made.request !== text) {
    note({ request: text, askedAt: serverNow(), domainId: "", people: [] });
  }
  if (!made.domainId) note({ domainId: await takeDomain(request, made.askedAt) });
}

async function addPerson(UserProfileName: string, made: Made, note: Note): Promise<void> {
  if (made.people.includes(UserProfileName)) return;
  await takePerson(made.domainId, UserProfileName);
  note({ people: [...made.people, UserProfileName] });
}
