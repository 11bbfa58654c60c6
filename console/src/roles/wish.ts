// What a new execution role is to be: asked for by a form, kept in a draft, and the policy that it
// becomes. One function for the preview, the call and the command.
import { ACTIVITIES, type Activity, ALWAYS, USUAL } from "./activities";
import lists from "./lists.json";
import { loosePolicy, type Place, type PolicyDocument, type Statement, tightPolicy } from "./tight";

export interface RoleWish {
  /** "": the name that is offered. */
  name: string;
  activities: string[];
  /** "own": the domain's, `sagemaker-DOMAIN_ID`. */
  buckets: "own" | "named" | "any" | "none";
  /** Names of buckets, one a line. */
  bucketNames: string;
  /** Nothing of another domain can be reached. */
  isKept: boolean;
}

export const WISH: RoleWish = {
  name: "",
  activities: USUAL,
  buckets: "own",
  bucketNames: "",
  isKept: true,
};

export type WishTroubles = Partial<Record<keyof RoleWish, string>>;

export const POLICY_CHARACTERS_MAX = 10_240; // IAM quota: inline policies of a role together
const NAME = /^[\w+=,.@-]{1,64}$/; // IAM API reference, RoleName
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/; // S3, bucket naming rules

export const bucketsOf = (wish: RoleWish): string[] =>
  wish.bucketNames.split(/[\s,]+/).filter(Boolean);

export const ownBucket = (domainId: string): string => `sagemaker-${domainId}`;

export function wishTroubles(wish: RoleWish): WishTroubles {
  const names = bucketsOf(wish);
  const wrong = names.find((name) => !BUCKET.test(name));
  const found: WishTroubles = {
    name:
      !wish.name || NAME.test(wish.name) ? "" : "Up to 64 letters, digits and the signs +=,.@-_",
    activities: wish.activities.length ? "" : "Choose at least one activity.",
    bucketNames: wish.buckets === "named" ? bucketTrouble(names, wrong) : "",
  };
  return Object.fromEntries(Object.entries(found).filter(([, text]) => text));
}

function bucketTrouble(names: string[], wrong: string | undefined): string {
  if (wrong) return `${wrong} is no name of a bucket.`;
  return names.length ? "" : "Enter the name of a bucket, or choose another way.";
}

/** The whole policy of the role. */
export function policyOf(wish: RoleWish, place: Place): PolicyDocument {
  const whole = wish.isKept ? tightPolicy(place, "@bucket@") : loosePolicy(place);
  const chosen = ACTIVITIES.filter(({ id }) => wish.activities.includes(id));
  const sids = new Set([...ALWAYS, ...chosen.flatMap((one) => one.sids)]);
  const Statement = whole.Statement.flatMap((one) => narrowed(one, chosen, sids));
  if (sids.has("Lists")) Statement.push(allow("Lists", lists, "*"));
  return { ...whole, Statement: [...Statement, ...filesOf(wish, place, whole)] };
}

/** What one activity is: shown beside it. */
export function policyOfActivity(
  activity: Activity,
  isKept: boolean,
  place: Place,
): PolicyDocument {
  const wish: RoleWish = { ...WISH, isKept, activities: [activity.id], buckets: "none" };
  const { Version, Statement } = policyOf(wish, place);
  return { Version, Statement: Statement.filter(({ Sid }) => !ALWAYS.includes(Sid)) };
}

/** Of the two statements about all work: only what was chosen. Others: whole, or not at all. */
function narrowed(one: Statement, chosen: Activity[], sids: Set<string>): Statement[] {
  const named = (read: (of: Activity) => string[] | undefined) =>
    [...new Set(chosen.flatMap((of) => read(of) ?? []))].map((action) => `sagemaker:${action}`);
  const Action =
    one.Sid === "CreateOwnWork"
      ? named((of) => of.creates)
      : one.Sid === "OwnWork"
        ? named((of) => of.works)
        : undefined;
  if (Action) return Action.length ? [{ ...one, Action }] : [];
  return sids.has(one.Sid) ? [one] : [];
}

function filesOf(wish: RoleWish, place: Place, whole: PolicyDocument): Statement[] {
  const names = {
    own: [ownBucket(place.domainId)],
    named: bucketsOf(wish),
    any: ["*"],
    none: [],
  }[wish.buckets];
  if (!names.length) return [];
  const arns = names.map((name) => `arn:aws:s3:::${name}`);
  return whole.Statement.flatMap((one) => {
    if (one.Sid === "OwnObjects") return [{ ...one, Resource: arns.map((arn) => `${arn}/*`) }];
    return one.Sid === "OwnBucket" ? [{ ...one, Resource: arns }] : [];
  });
}

const allow = (Sid: string, Action: string[], Resource: string): Statement => ({
  Sid,
  Effect: "Allow",
  Action,
  Resource,
});

export const roleArn = (accountId: string, name: string): string =>
  `arn:aws:iam::${accountId}:role/${name}`;

export const labelsOf = (wish: RoleWish): string =>
  ACTIVITIES.filter(({ id }) => wish.activities.includes(id))
    .map(({ label }) => label)
    .join(", ");

export function bucketWords(wish: RoleWish): string {
  if (wish.buckets === "named") return bucketsOf(wish).join(", ");
  return { own: "The domain's own", any: "Any", none: "None" }[wish.buckets];
}
