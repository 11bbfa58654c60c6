// The end of an IAM user, in the order that IAM asks for: keys, password, devices, policies, groups,
// the user. What is gone is not asked for again, so it may fail half-way and go on.
import {
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupsForUserCommand,
  ListUserPoliciesCommand,
  RemoveUserFromGroupCommand,
} from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { useNavigate } from "react-router";
import { renewAll } from "~/aws/cache";
import { iam } from "~/aws/services/iam";
import { pages } from "~/aws/useCall";
import { type Plan, useSteps } from "~/aws/useSteps";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { useNotices } from "~/page/notices";
import { StepList } from "~/parts/StepList";
import { ask } from "~/people/credentials";
import { gone, removeDevice } from "./Devices";

interface DeletePersonProps {
  userName: string;
  isMe: boolean;
  onClose: () => void;
}

export function DeletePerson({ userName, isMe, onClose }: DeletePersonProps) {
  const [typed, setTyped] = useState("");
  const { steps, problem, isRunning, go } = useSteps();
  const navigate = useNavigate();
  const notices = useNotices();

  async function remove(): Promise<void> {
    if (!(await go(planOf(userName)))) return renewAll("iam");
    notices.success(`${userName} was deleted.`);
    navigate("/people");
    renewAll("iam");
  }

  return (
    <ActionDialog
      title={`Delete ${userName}?`}
      verb={problem ? "Go on" : "Delete"}
      isReady={typed === userName}
      action={{ isRunning, problem }}
      onGo={() => void remove()}
      onClose={onClose}
    >
      {isMe && (
        <Alert type="warning" header="This is you">
          You delete the user that you are signed in as: the sign-in ends with it, perhaps half-way,
          and another administrator must make you anew.
        </Alert>
      )}
      <span>
        Access keys, password, MFA devices, policies of their own and memberships go, then the user.
        User profiles, files and costs stay: nobody signs in as them any more.
      </span>
      {steps.length > 0 && <StepList steps={steps} />}
      <FormField label={`To confirm, type ${userName}`}>
        <Input
          value={typed}
          onChange={({ detail }) => setTyped(detail.value)}
          placeholder={userName}
          autoComplete={false}
          spellcheck={false}
          autoFocus
        />
      </FormField>
    </ActionDialog>
  );
}

function planOf(UserName: string): Plan[] {
  const named = { UserName };
  const paging = { token: "Marker" };
  return [
    {
      text: "Access keys",
      run: async () => {
        const { keys } = await ask(UserName);
        for (const { AccessKeyId } of keys) {
          await gone(() => iam.send(DeleteAccessKeyCommand, { UserName, AccessKeyId }));
        }
      },
    },
    { text: "Password", run: () => gone(() => iam.send(DeleteLoginProfileCommand, named)) },
    {
      text: "MFA devices",
      run: async () => {
        const { devices } = await ask(UserName);
        for (const { SerialNumber = "" } of devices) await removeDevice(UserName, SerialNumber);
      },
    },
    { text: "Policies", run: () => removePolicies(UserName) },
    {
      text: "Groups",
      run: async () => {
        const groups = await pages(iam, ListGroupsForUserCommand, named, "Groups", paging);
        for (const { GroupName } of groups) {
          await gone(() => iam.send(RemoveUserFromGroupCommand, { UserName, GroupName }));
        }
      },
    },
    { text: `IAM user ${UserName}`, run: () => gone(() => iam.send(DeleteUserCommand, named)) },
  ];
}

async function removePolicies(UserName: string): Promise<void> {
  const named = { UserName };
  const paging = { token: "Marker" };
  const inline = await pages(iam, ListUserPoliciesCommand, named, "PolicyNames", paging);
  for (const PolicyName of inline) {
    await gone(() => iam.send(DeleteUserPolicyCommand, { UserName, PolicyName }));
  }
  const list = ListAttachedUserPoliciesCommand;
  const attached = await pages(iam, list, named, "AttachedPolicies", paging);
  for (const { PolicyArn } of attached) {
    await gone(() => iam.send(DetachUserPolicyCommand, { UserName, PolicyArn }));
  }
  await gone(() => iam.send(DeleteUserPermissionsBoundaryCommand, named));
}
