// What "deny new starts" makes: a policy that denies them, a role that may attach it, and the action.
// Named after the budget, so that whoever is refused finds it. What is there already is used again.
import { CreateBudgetActionCommand } from "@aws-sdk/client-budgets";
import { CreatePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { iam } from "~/aws/services/iam";
import { budgets } from "~/aws/services/money/budgets";
import type { Plan } from "~/aws/useSteps";
import { subscribersOf } from "../alerts/thresholds";
import type { ActionDraft } from "./draft";

export interface Making {
  accountId: string;
  budgetName: string;
  people: string;
}

/** What begins to cost; files, look-ups and work that runs are left alone. */
export const STARTS = [
  "sagemaker:CreateApp",
  "sagemaker:CreateTrainingJob",
  "sagemaker:CreateProcessingJob",
  "sagemaker:CreateTransformJob",
  "sagemaker:CreateHyperParameterTuningJob",
  "sagemaker:CreateAutoMLJob",
  "sagemaker:CreateAutoMLJobV2",
  "sagemaker:CreateEndpoint",
  "sagemaker:CreateNotebookInstance",
  "sagemaker:StartNotebookInstance",
  "sagemaker:StartPipelineExecution",
];
export const ROLE = "freehold-budget-actions";
const POLICIES = "budget-stop-"; // the role may attach what is named so, and nothing else
const NAME_MAX = 128; // IAM quotas: name of a policy
const HASH_CHARS = 6;

/** `budget-stop-finance-1a2b3c`: readable, and another one for each budget's name. */
export function policyName(budgetName: string): string {
  const plain = budgetName.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  const room = NAME_MAX - POLICIES.length - HASH_CHARS - 1;
  return `${POLICIES}${plain.slice(0, room) || "budget"}-${hash(budgetName)}`;
}

function hash(text: string): string {
  let value = 0x811c9dc5; // FNV-1a
  for (const byte of new TextEncoder().encode(text)) {
    value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  }
  return value.toString(16).padStart(8, "0").slice(0, HASH_CHARS);
}

export const policyArn = (accountId: string, budgetName: string): string =>
  `arn:aws:iam::${accountId}:policy/${policyName(budgetName)}`;

export function policyText(budgetName: string): string {
  const Sid = `BudgetPassed${budgetName.replace(/[^A-Za-z0-9]/g, "")}`;
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Sid, Effect: "Deny", Action: STARTS, Resource: "*" }],
  });
}

function trustText(accountId: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "budgets.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": accountId } },
      },
    ],
  });
}

function rightsText(accountId: string): string {
  const verbs = ["Role", "User", "Group"].flatMap((noun) => [
    `iam:Attach${noun}Policy`,
    `iam:Detach${noun}Policy`,
  ]);
  const only = `arn:aws:iam::${accountId}:policy/${POLICIES}*`;
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: verbs,
        Resource: "*",
        Condition: { ArnLike: { "iam:PolicyARN": only } },
      },
    ],
  });
}

/** The steps; each may be tried again. */
export function actionPlan(draft: ActionDraft, making: Making): Plan[] {
  const { accountId, budgetName } = making;
  return [
    {
      text: `Policy ${policyName(budgetName)}`,
      run: () =>
        unlessThere(() =>
          iam.send(CreatePolicyCommand, {
            PolicyName: policyName(budgetName),
            Description: `Budget ${JSON.stringify(budgetName)} is passed: no new starts`,
            PolicyDocument: policyText(budgetName),
          }),
        ),
    },
    { text: `Role ${ROLE}`, run: () => makeRole(accountId) },
    {
      text: `Action at ${draft.percent}%`,
      run: async () => {
        await budgets.send(CreateBudgetActionCommand, actionOf(draft, making));
      },
    },
  ];
}

async function makeRole(accountId: string): Promise<void> {
  await unlessThere(() =>
    iam.send(CreateRoleCommand, {
      RoleName: ROLE,
      Description: "AWS Budgets attaches and detaches budget-stop-* policies with it",
      AssumeRolePolicyDocument: trustText(accountId),
    }),
  );
  await iam.send(PutRolePolicyCommand, {
    RoleName: ROLE,
    PolicyName: "budget-actions",
    PolicyDocument: rightsText(accountId),
  });
}

async function unlessThere(make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
  } catch (error) {
    const name = (error as Error).name;
    if (!["EntityAlreadyExists", "EntityAlreadyExistsException"].includes(name)) throw error;
  }
}

export function actionOf(draft: ActionDraft, { accountId, budgetName, people }: Making) {
  const named = (member: string, names: string[]) => (names.length ? { [member]: names } : {});
  return {
    AccountId: accountId,
    BudgetName: budgetName,
    NotificationType: "ACTUAL" as const,
    ActionType: "APPLY_IAM_POLICY" as const,
    ActionThreshold: {
      ActionThresholdValue: Number(draft.percent),
      ActionThresholdType: "PERCENTAGE" as const,
    },
    Definition: {
      IamActionDefinition: {
        PolicyArn: policyArn(accountId, budgetName),
        ...named("Roles", draft.roles),
        ...named("Users", draft.users),
        ...named("Groups", draft.groups),
      },
    },
    ExecutionRoleArn: `arn:aws:iam::${accountId}:role/${ROLE}`,
    ApprovalModel: draft.approval,
    Subscribers: subscribersOf(people),
  };
}
