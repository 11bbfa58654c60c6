// What policies would say: the question of the simulator page, and IAM's answer as rows.
import {
  type ContextEntry,
  type EvaluationResult,
  GetContextKeysForCustomPolicyCommand,
  GetContextKeysForPrincipalPolicyCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
  type Statement,
} from "@aws-sdk/client-iam";
import { iam } from "~/aws/services/iam";
import { pages } from "~/aws/useCall";

/** Who or what is simulated: a user, group or role by its ARN, or a policy's text. */
export interface Source {
  principal?: string;
  policy?: string;
}

export interface Entry {
  name: string;
  type: ContextType;
  /** Several where the type is a list: separated by commas. */
  value: string;
}

export const CONTEXT_TYPES = [
  "string",
  "stringList",
  "numeric",
  "numericList",
  "boolean",
  "booleanList",
  "ip",
  "ipList",
  "date",
  "dateList",
] as const;
export type ContextType = (typeof CONTEXT_TYPES)[number];

export interface Row {
  id: string;
  action: string;
  resource: string;
  decision: string;
  statements: Statement[];
  missing: string[];
  /** Of a boundary: whether it allows; undefined without one. */
  boundaryAllows: boolean | undefined;
}

export async function simulate(
  source: Source,
  actions: string[],
  resources: string[],
  context: Entry[],
): Promise<Row[]> {
  const input = {
    ActionNames: actions,
    MaxItems: 1000,
    ...(resources.length ? { ResourceArns: resources } : {}),
    ...(context.length ? { ContextEntries: context.map(entryOf) } : {}),
  };
  const paging = { token: "Marker" };
  const results = source.principal
    ? await pages(
        iam,
        SimulatePrincipalPolicyCommand,
        { ...input, PolicySourceArn: source.principal },
        "EvaluationResults",
        paging,
      )
    : await pages(
        iam,
        SimulateCustomPolicyCommand,
        { ...input, PolicyInputList: [source.policy ?? ""] },
        "EvaluationResults",
        paging,
      );
  return results.flatMap(rowsOf);
}

/** The condition keys that the policies ask for. */
export async function contextKeys(source: Source, signal?: AbortSignal): Promise<string[]> {
  const answer = source.principal
    ? await iam.send(
        GetContextKeysForPrincipalPolicyCommand,
        { PolicySourceArn: source.principal },
        signal,
      )
    : await iam.send(
        GetContextKeysForCustomPolicyCommand,
        { PolicyInputList: [source.policy ?? ""] },
        signal,
      );
  return answer.ContextKeyNames ?? [];
}

/** A guess at a key's type by its name: IAM does not tell. */
export function typeOf(name: string, value: unknown = ""): ContextType {
  if (Array.isArray(value)) return "stringList";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") return "numeric";
  if (/sourceip|vpcsourceip/i.test(name)) return "ip";
  if (/(currenttime|issuetime)$/i.test(name)) return "date";
  if (/(securetransport|multifactorauthpresent|viaawsservice|isroot.*)$/i.test(name)) {
    return "boolean";
  }
  if (/(epochtime|multifactorauthage)$/i.test(name)) return "numeric";
  return /(tagkeys|securitygroupids|subnets|instancetypes)$/i.test(name) ? "stringList" : "string";
}

/** Condition keys of a call that was made, as entries. */
export function entriesOf(context: Record<string, unknown>): Entry[] {
  return Object.entries(context).map(([name, value]) => ({
    name,
    type: typeOf(name, value),
    value: Array.isArray(value) ? value.join(",") : String(value),
  }));
}

function entryOf({ name, type, value }: Entry): ContextEntry {
  const values = type.endsWith("List") ? value.split(",").map((one) => one.trim()) : [value];
  return { ContextKeyName: name, ContextKeyType: type, ContextKeyValues: values };
}

function rowsOf(result: EvaluationResult): Row[] {
  const action = result.EvalActionName ?? "";
  const whole = {
    action,
    missing: result.MissingContextValues ?? [],
    boundaryAllows: result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary,
  };
  const each = result.ResourceSpecificResults ?? [];
  if (!each.length) {
    const resource = result.EvalResourceName ?? "*";
    return [
      {
        ...whole,
        id: `${action} ${resource}`,
        resource,
        decision: result.EvalDecision ?? "",
        statements: result.MatchedStatements ?? [],
      },
    ];
  }
  return each.map((one) => ({
    action,
    id: `${action} ${one.EvalResourceName}`,
    resource: one.EvalResourceName ?? "",
    decision: one.EvalResourceDecision ?? "",
    statements: one.MatchedStatements ?? [],
    missing: one.MissingContextValues ?? [],
    boundaryAllows: one.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary,
  }));
}
