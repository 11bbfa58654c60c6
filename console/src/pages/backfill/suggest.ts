// Where a resource probably belongs, and why: its other tags, the call that made it (CloudTrail: from
// which profile's or space's app, by whom), the execution role it was made with.
import { LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import { cloudtrail } from "~/aws/services/cloudtrail";
import { nameOf } from "~/format/arn";
import { type Seen, seen } from "~/trail/event";
import { PROFILE_TAG, SPACE_TAG, type Untagged } from "./found";
import { memberOf, type Places, type Target, targetOf } from "./targets";

export interface Hint {
  /** Who made it, as the audit tells; "" where it does not. */
  creator: string;
  target: Target | undefined;
}

const MADE = /^(Create|Register|Run|Put)/;

export async function hintOf(
  resource: Untagged,
  known: Places,
  signal: AbortSignal,
): Promise<Hint> {
  const event = await making(resource.arn, signal);
  const creator = event?.who ?? "";
  const target =
    byTags(resource, known) ??
    (event && (byOrigin(event, known) ?? byRole(event, known) ?? byName(event, known)));
  return { creator, target };
}

/** The call that made a thing: the oldest of its events that makes something. */
async function making(arn: string, signal: AbortSignal): Promise<Seen | undefined> {
  const LookupAttributes = [
    { AttributeKey: "ResourceName" as const, AttributeValue: arn },
    { AttributeKey: "ReadOnly" as const, AttributeValue: "false" },
  ];
  const { Events = [] } = await cloudtrail.send(LookupEventsCommand, { LookupAttributes }, signal);
  return Events.map(seen)
    .filter((event) => MADE.test(event.name) && event.outcome === "allowed")
    .at(-1);
}

function byTags({ tags }: Untagged, known: Places): Target | undefined {
  for (const key of [SPACE_TAG, PROFILE_TAG]) {
    const found = memberOf(tags[key] ?? "");
    if (found) return targetOf(known, found.domainId, `it carries the tag ${key}`, found.member);
  }
  return undefined;
}

function byOrigin({ origin }: Seen, known: Places): Target | undefined {
  const found = memberOf(origin);
  if (!found) return undefined;
  return targetOf(known, found.domainId, `made from an app of ${found.member?.name}`, found.member);
}

function byRole(event: Seen, known: Places): Target | undefined {
  const given = JSON.stringify(event.record.requestParameters ?? {});
  for (const [role, domains] of known.roles) {
    const [only] = domains;
    if (domains.size === 1 && only && (given.includes(`"${role}"`) || event.role === role)) {
      return targetOf(known, only, `its role ${nameOf(role)} is that domain's`);
    }
  }
  return undefined;
}

function byName({ who }: Seen, known: Places): Target | undefined {
  const same = known.profiles.filter((profile) => profile.UserProfileName === who);
  const [only] = same;
  if (same.length !== 1 || !only) return undefined;
  const domain = known.domains.find((one) => one.DomainId === only.DomainId);
  const arn = (domain?.DomainArn ?? "").replace(":domain/", ":user-profile/");
  const member = { key: PROFILE_TAG, arn: `${arn}/${who}`, name: who } as const;
  return targetOf(known, only.DomainId ?? "", `made by ${who}, who has a profile there`, member);
}
