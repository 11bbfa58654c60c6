// /console/domains/{DomainId}/users/add: a person in four steps: who, how they sign in, settings,
// review with the commands; then each thing that is made, and what to hand over. What is typed
// survives reloading and a lost connection; the password is nowhere but on the last view.
import {
  CreateUserProfileCommand,
  DescribeDomainCommand,
  type DescribeDomainResponse,
  DescribeUserProfileCommand,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useParams } from "react-router";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";
import type { Plan } from "~/aws/useSteps";
import { Page } from "~/page/Page";
import { useDraft } from "~/page/useDraft";
import { InnerButton } from "~/parts/InnerButton";
import { Doing } from "~/people/making/Doing";
import { HandOver } from "~/people/making/HandOver";
import { type Ours, once } from "~/people/making/once";
import { signInPlan, tagStep } from "~/people/making/steps";
import { useMaking } from "~/people/making/useMaking";
import { userNameOf } from "~/people/making/wish";
import { useIdentity } from "~/session/useSession";
import { View } from "~/views/View";
import { type Draft, EMPTY, requestOf } from "./draft";
import { Questions } from "./Questions";

export default function AddUser() {
  const { DomainId = "" } = useParams();
  const domain = useCall(sagemaker, DescribeDomainCommand, { DomainId });
  const [turn, setTurn] = useState(1);
  return (
    <Page
      title="Add user"
      above={[
        { text: "Domains", to: "/domains" },
        { text: domain.data?.DomainName ?? DomainId, to: `/domains/${DomainId}` },
        { text: "User profiles", to: `/domains/${DomainId}?tab=users` },
      ]}
    >
      <View of={domain} what={`the domain ${DomainId}`}>
        {(whole) => (
          <Adding
            key={turn}
            domain={whole}
            domainId={DomainId}
            onAnother={() => setTurn(turn + 1)}
          />
        )}
      </View>
    </Page>
  );
}

interface AddingProps {
  domain: DescribeDomainResponse;
  domainId: string;
  /** Begins with an empty form. */
  onAnother: () => void;
}

function Adding({ domain, domainId, onAnother }: AddingProps) {
  const { accountId, region } = useIdentity();
  const [draft, change, forget] = useDraft(`add-user-${domainId}`, EMPTY);
  const making = useMaking();
  const holder = {
    userName: userNameOf(draft.signIn, draft.name),
    userProfileName: draft.name,
    domainId,
    accountId,
    region,
    roleArn: domain.DefaultUserSettings?.ExecutionRole ?? "",
    ownRoleArn: draft.role,
  };

  async function add(): Promise<void> {
    const arn = `arn:aws:sagemaker:${region}:${accountId}:user-profile/${domainId}/${draft.name}`;
    const profile = profileStep(domainId, draft, arn, making.ours);
    const { made, steps } = signInPlan(draft.signIn, holder, profile, making.ours);
    if (await making.begin(made, steps)) forget();
  }

  const { made } = making;
  if (made) {
    const to = `/domains/${domainId}/users/${draft.name}`;
    const actions = (
      <SpaceBetween direction="horizontal" size="xs">
        <InnerButton to={to} variant="primary">
          To the user profile
        </InnerButton>
        {made.userName && <InnerButton to={`/people/${made.userName}`}>To the person</InnerButton>}
        <Button onClick={onAnother}>Add another user</Button>
      </SpaceBetween>
    );
    return <HandOver made={made} title={`${draft.name} was added`} actions={actions} />;
  }
  if (making.isBegun) {
    return (
      <Doing
        title={`${draft.name} is being added`}
        of={making.steps}
        onGoOn={() => void making.goOn().then((isDone) => isDone && forget())}
        onBack={making.back}
      />
    );
  }
  return (
    <Questions
      draft={draft}
      change={change}
      forget={forget}
      domain={domain}
      holder={holder}
      onSubmit={() => void add()}
    />
  );
}

/** Where this page made it before, it only says anew whose it is. */
function profileStep(domainId: string, draft: Draft, arn: string, ours: Ours): Plan {
  const user = userNameOf(draft.signIn, draft.name);
  const named = { DomainId: domainId, UserProfileName: draft.name };
  const run = once(ours, {
    what: arn,
    make: () => sagemaker.send(CreateUserProfileCommand, requestOf(domainId, draft)),
    bornAt: async () => (await sagemaker.send(DescribeUserProfileCommand, named)).CreationTime,
    again: () => (user ? tagStep(arn, draft.name, user).run() : Promise.resolve()),
  });
  return { text: `User profile ${draft.name}`, run };
}
