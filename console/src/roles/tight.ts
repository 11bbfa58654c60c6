// The tight policy, filled in: what quick setup writes, and what a new role's policy is cut from. The
// text is Python's (kernel/permission/tight.py); a test holds the copy beside this file to it.
import { domainArn } from "~/format/arn";
import tight from "./tight-policy.json";

export interface Statement {
  Sid: string;
  Effect: string;
  Action: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: Record<string, Record<string, string>>;
}

export interface PolicyDocument {
  Version: string;
  Statement: Statement[];
}

export interface Place {
  accountId: string;
  region: string;
  /** "" where the policy is not kept to one domain. */
  domainId: string;
  roleArn: string;
}

const DOMAIN = "@domain-arn@";
export const TIGHT = "freehold-tight"; // its name on a role

/** Kept to one domain; `bucket` is the one that its people may use. */
export function tightPolicy(place: Place, bucket: string): PolicyDocument {
  return filled(tight as PolicyDocument, place, bucket);
}

/** The same statements for every domain: without what names one. */
export function loosePolicy(place: Place): PolicyDocument {
  const Statement = (tight as PolicyDocument).Statement.map((one) => {
    const { NotResource, Condition, ...rest } = one;
    const kept = Condition && withoutDomain(Condition);
    return {
      ...rest,
      ...(NotResource ? { Resource: "*" } : {}),
      ...(kept && Object.keys(kept).length ? { Condition: kept } : {}),
    };
  });
  return filled({ ...tight, Statement }, { ...place, domainId: "*" }, "*");
}

function withoutDomain(conditions: NonNullable<Statement["Condition"]>) {
  const lines = Object.entries(conditions).map(([operator, keys]) => {
    const kept = Object.entries(keys).filter(([, value]) => value !== DOMAIN);
    return [operator, Object.fromEntries(kept)] as const;
  });
  return Object.fromEntries(lines.filter(([, keys]) => Object.keys(keys).length));
}

function filled(policy: PolicyDocument, place: Place, bucket: string): PolicyDocument {
  const { region, accountId, domainId, roleArn } = place;
  const values: Record<string, string> = {
    "@partition@": "aws",
    "@region@": region,
    "@account@": accountId,
    [DOMAIN]: domainArn(region, accountId, domainId),
    "@domain-id@": domainId,
    "@role-arn@": roleArn,
    "@bucket@": bucket,
  };
  return JSON.parse(JSON.stringify(policy).replace(/@[a-z-]+@/g, (name) => values[name] ?? name));
}
