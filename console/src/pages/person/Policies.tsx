// Policies of a person: attached ones come and go here; texts are written on the Access page.
import {
  AttachUserPolicyCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  ListAttachedUserPoliciesCommand,
  ListUserPoliciesCommand,
} from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import type { TableProps } from "@cloudscape-design/components/table";
import { useState } from "react";
import { iam } from "~/aws/services/iam";
import { useAction } from "~/aws/useAction";
import { type Call, pages, useGathered } from "~/aws/useCall";
import { EditDialog } from "~/dialogs/EditDialog";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { policyLink } from "~/pages/access/links";
import { InnerLink } from "~/parts/InnerLink";
import { PolicyField } from "~/people/PolicyField";
import { useIdentity } from "~/session/useSession";
import { SmallTable } from "./SmallTable";

interface Held {
  name: string;
  /** "" for an inline one. */
  arn: string;
}

function useHeld(UserName: string): Call<Held[]> {
  return useGathered(`iam policies of ${UserName}`, async (signal) => {
    const paging = { token: "Marker", signal };
    const [attached, inline] = await Promise.all([
      pages(iam, ListAttachedUserPoliciesCommand, { UserName }, "AttachedPolicies", paging),
      pages(iam, ListUserPoliciesCommand, { UserName }, "PolicyNames", paging),
    ]);
    return [
      ...attached.map((one) => ({ name: one.PolicyName ?? "", arn: one.PolicyArn ?? "" })),
      ...inline.map((name) => ({ name, arn: "" })),
    ];
  });
}

export function Policies({ userName }: { userName: string }) {
  const held = useHeld(userName);
  const [isAdding, add] = useState(false);
  const [chosen, choose] = useState<Held>();
  const { accountId } = useIdentity();
  return (
    <>
      <SmallTable<Held>
        title="Policies"
        description="What this user may do, beside what groups give."
        actions={
          <Button disabled={!held.data} onClick={() => add(true)}>
            Attach policy
          </Button>
        }
        of={held}
        what={`the policies of ${userName}`}
        rowId={(one) => one.arn || `inline ${one.name}`}
        columns={columnsOf(`arn:aws:iam::${accountId}:user/${userName}`, choose)}
        nothing="No policies of their own: but for what groups give, everything is refused."
      />
      {isAdding && (
        <Attach
          userName={userName}
          known={(held.data ?? []).map((one) => one.arn)}
          onClose={() => add(false)}
        />
      )}
      {chosen && <TakeAway userName={userName} held={chosen} onClose={() => choose(undefined)} />}
    </>
  );
}

function columnsOf(
  principal: string,
  choose: (held: Held) => void,
): TableProps.ColumnDefinition<Held>[] {
  return [
    {
      id: "name",
      header: "Policy",
      isRowHeader: true,
      minWidth: 240,
      cell: (one) => (
        <InnerLink to={policyLink(one.arn || one.name, principal)}>
          <span className="break">{one.name}</span>
        </InnerLink>
      ),
    },
    { id: "kind", header: "Kind", minWidth: 140, cell: kindOf },
    {
      id: "actions",
      header: "Change",
      minWidth: 120,
      cell: (one) => (
        <Button
          variant="inline-link"
          ariaLabel={`${verbOf(one)} ${one.name}`}
          onClick={() => choose(one)}
        >
          {verbOf(one)}
        </Button>
      ),
    },
  ];
}

const verbOf = (one: Held): string => (one.arn ? "Detach" : "Delete");

function kindOf({ arn }: Held): string {
  if (!arn) return "Inline";
  return arn.split(":")[4] === "aws" ? "AWS managed" : "Managed";
}

function Attach(given: { userName: string; known: string[]; onClose: () => void }) {
  const { userName: UserName, known, onClose } = given;
  const attach = useAction(
    ({ policy = "" }: Record<string, string>) =>
      iam.send(AttachUserPolicyCommand, { UserName, PolicyArn: policy }),
    { done: () => "The policy was attached.", renews: "iam" },
  );
  return (
    <EditDialog
      title={`Attach a policy to ${UserName}`}
      verb="Attach"
      action={attach}
      onClose={onClose}
      fields={[
        {
          id: "policy",
          label: "Managed policy",
          value: "",
          control: (value, change) => (
            <PolicyField value={value} onChange={change} except={known} />
          ),
          trouble: (value) => (value ? "" : "Choose a policy."),
        },
      ]}
    />
  );
}

function TakeAway(given: { userName: string; held: Held; onClose: () => void }) {
  const { userName: UserName, held, onClose } = given;
  const verb = verbOf(held);
  const action = useAction(
    () =>
      held.arn
        ? iam.send(DetachUserPolicyCommand, { UserName, PolicyArn: held.arn })
        : iam.send(DeleteUserPolicyCommand, { UserName, PolicyName: held.name }),
    { done: () => `${UserName} is not bound by ${held.name} any more.`, renews: "iam" },
  );
  return (
    <TypedDelete
      title={`${verb} ${held.name}?`}
      word={verb.toLowerCase()}
      verb={verb}
      action={action}
      onClose={onClose}
    >
      {held.arn
        ? `${UserName} loses what it allows at once. The policy itself stays.`
        : `${UserName} loses what it allows at once, and its text is gone for good.`}
    </TypedDelete>
  );
}
