// "New execution role": what it may do, then the role and its policy are made, a step a thing, and its
// ARN goes to the field that asked.
import Alert from "@cloudscape-design/components/alert";
import { useState } from "react";
import { renewAll } from "~/aws/cache";
import { type Plan, useSteps } from "~/aws/useSteps";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { StepList } from "~/parts/StepList";
import { useIdentity } from "~/session/useSession";
import { ACTIVITIES_POLICY, datedName, newRole, putPolicy } from "./making";
import { RoleForm } from "./RoleForm";
import { TIGHT } from "./tight";
import {
  POLICY_CHARACTERS_MAX,
  policyOf,
  type RoleWish,
  roleArn,
  WISH,
  type WishTroubles,
  wishTroubles,
} from "./wish";

interface NewRoleDialogProps {
  /** "" where the domain is not there yet: then it is kept to none. */
  domainId: string;
  onMade: (arn: string) => void;
  onClose: () => void;
}

export default function NewRoleDialog({ domainId, onMade, onClose }: NewRoleDialogProps) {
  const { accountId, region } = useIdentity();
  const [offered] = useState(() => datedName());
  const [wish, setWish] = useState<RoleWish>(() => (domainId ? WISH : { ...WISH, ...UNBOUND }));
  const [isTried, setTried] = useState(false);
  const making = useSteps();
  const name = wish.name || offered;
  const place = { accountId, region, domainId, roleArn: roleArn(accountId, name) };
  const text = JSON.stringify(policyOf(wish, place));
  const troubles: WishTroubles = isTried ? wishTroubles(wish) : {};

  async function go(): Promise<void> {
    setTried(true);
    if (Object.keys(wishTroubles(wish)).length || text.length > POLICY_CHARACTERS_MAX) return;
    const isDone = await making.go(planOf(name, wish, place));
    renewAll("iam");
    if (!isDone) return;
    onMade(place.roleArn);
    onClose();
  }

  function change(part: Partial<RoleWish>): void {
    setWish((all) => ({ ...all, ...part }));
    if (part.name !== undefined) making.reset();
  }

  return (
    <ActionDialog
      title="New execution role"
      verb={making.problem ? "Go on" : "Create role"}
      isLarge
      action={making}
      onGo={() => void go()}
      onClose={onClose}
    >
      <RoleForm
        wish={wish}
        change={change}
        troubles={troubles}
        offered={offered}
        place={place}
        hasDomain={domainId !== ""}
      />
      {isTried && text.length > POLICY_CHARACTERS_MAX && (
        <Alert type="error">
          The policy has {text.length} characters; a role takes {POLICY_CHARACTERS_MAX}. Name fewer
          buckets.
        </Alert>
      )}
      {making.steps.length > 0 && <StepList steps={making.steps} />}
    </ActionDialog>
  );
}

const UNBOUND: Partial<RoleWish> = { isKept: false, buckets: "any" };

function planOf(name: string, wish: RoleWish, place: Parameters<typeof policyOf>[1]): Plan[] {
  return [
    {
      text: `Role ${name}`,
      run: async () => {
        await newRole({ RoleName: name });
      },
    },
    {
      text: wish.isKept ? "Policy that keeps it to this domain" : "Policy of its activities",
      run: () => putPolicy(name, wish.isKept ? TIGHT : ACTIVITIES_POLICY, policyOf(wish, place)),
    },
  ];
}
