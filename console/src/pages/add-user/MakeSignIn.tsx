// /console/domains/{DomainId}/users/{UserProfileName}/sign-in: a way in for somebody who has a profile
// and no IAM user yet; the same steps as the wizard's.
import {
  DescribeDomainCommand,
  type DescribeDomainResponse,
  DescribeUserProfileCommand,
  type DescribeUserProfileResponse,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useParams } from "react-router";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";
import { cliCommand } from "~/format/cli";
import { Page } from "~/page/Page";
import { CliCommand } from "~/parts/CliCommand";
import { InnerButton } from "~/parts/InnerButton";
import { Doing } from "~/people/making/Doing";
import { HandOver } from "~/people/making/HandOver";
import { SignInFields } from "~/people/making/SignInFields";
import { signInPlan, tagStep } from "~/people/making/steps";
import { useMaking } from "~/people/making/useMaking";
import { commandsOf, userNameOf, userNameTrouble, WISH } from "~/people/making/wish";
import { USER_TAG } from "~/people/owners";
import { useIdentity } from "~/session/useSession";
import { View } from "~/views/View";

export default function MakeSignIn() {
  const { DomainId = "", UserProfileName = "" } = useParams();
  const domain = useCall(sagemaker, DescribeDomainCommand, { DomainId });
  const profile = useCall(sagemaker, DescribeUserProfileCommand, { DomainId, UserProfileName });
  const above = `/domains/${DomainId}/users/${UserProfileName}`;
  return (
    <Page
      title="Make a sign-in"
      description={`For the user profile ${UserProfileName}`}
      above={[
        { text: "Domains", to: "/domains" },
        { text: domain.data?.DomainName ?? DomainId, to: `/domains/${DomainId}` },
        { text: "User profiles", to: `/domains/${DomainId}?tab=users` },
        { text: UserProfileName, to: above },
      ]}
    >
      <View of={domain} what={`the domain ${DomainId}`}>
        {(whole) => (
          <View of={profile} what={`the user profile ${UserProfileName}`}>
            {(one) => <Making domain={whole} profile={one} above={above} />}
          </View>
        )}
      </View>
    </Page>
  );
}

interface MakingProps {
  domain: DescribeDomainResponse;
  profile: DescribeUserProfileResponse;
  above: string;
}

function Making({ domain, profile, above }: MakingProps) {
  const { accountId, region } = useIdentity();
  const [wish, setWish] = useState(WISH);
  const [isTried, setTried] = useState(false);
  const making = useMaking();
  const name = profile.UserProfileName ?? "";
  const arn = profile.UserProfileArn ?? "";
  const trouble = userNameTrouble(wish, name);
  const holder = {
    userName: userNameOf(wish, name),
    userProfileName: name,
    domainId: profile.DomainId ?? "",
    accountId,
    region,
    roleArn: domain.DefaultUserSettings?.ExecutionRole ?? "",
    ownRoleArn: profile.UserSettings?.ExecutionRole ?? "",
  };

  function make(): void {
    setTried(true);
    if (trouble) return;
    const tag = tagStep(arn, name, holder.userName);
    const { made, steps } = signInPlan(wish, holder, tag, making.ours);
    void making.begin(made, steps);
  }

  if (making.made) {
    const actions = (
      <SpaceBetween direction="horizontal" size="xs">
        <InnerButton to={above} variant="primary">
          To the user profile
        </InnerButton>
        <InnerButton to={`/people/${making.made.userName}`}>To the person</InnerButton>
      </SpaceBetween>
    );
    return <HandOver made={making.made} title={`${name} can sign in`} actions={actions} />;
  }
  if (making.isBegun) {
    return (
      <Doing
        title="The sign-in is being made"
        of={making.steps}
        onGoOn={() => void making.goOn()}
        onBack={making.back}
      />
    );
  }
  const marking = { ResourceArn: arn, Tags: [{ Key: USER_TAG, Value: holder.userName }] };
  return (
    <SpaceBetween size="l">
      <Container>
        <SignInFields
          wish={wish}
          change={(part) => setWish((all) => ({ ...all, ...part }))}
          trouble={isTried ? trouble : ""}
          profile={name}
        />
      </Container>
      <CliCommand
        command={[cliCommand("sagemaker", "AddTags", marking), ...commandsOf(wish, holder)].join(
          "\n",
        )}
      />
      <Button variant="primary" onClick={make}>
        Make the sign-in
      </Button>
    </SpaceBetween>
  );
}
