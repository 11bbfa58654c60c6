// /console/domains/{DomainId}/users/{UserProfileName}: one person: open, watch and stop what runs,
// the role they work as and where it comes from, storage, cost, tags.
import {
  DeleteUserProfileCommand,
  DescribeDomainCommand,
  DescribeUserProfileCommand,
  type DescribeUserProfileResponse,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { SOON_MS } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { useCall } from "~/aws/useCall";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { Page } from "~/page/Page";
import { Copy } from "~/parts/Copy";
import { InnerButton } from "~/parts/InnerButton";
import { isPassing, Status } from "~/parts/Status";
import { When } from "~/parts/When";
import { AppPanel } from "~/studio/AppPanel";
import { InForce } from "~/studio/InForce";
import { layersOfUser } from "~/studio/layers";
import type { Owner } from "~/studio/OwnerLink";
import { SpentBox } from "~/studio/SpentBox";
import { StoredBox } from "~/studio/storage/StoredBox";
import { TagsBox } from "~/studio/TagsBox";
import { View } from "~/views/View";
import { OwnApps } from "./OwnApps";
import { OwnSpaces } from "./OwnSpaces";
import { SignInBox } from "./SignInBox";

export default function User() {
  const { DomainId = "", UserProfileName = "" } = useParams();
  const user = useCall(
    sagemaker,
    DescribeUserProfileCommand,
    { DomainId, UserProfileName },
    { every: (data) => (isPassing(data.Status) ? SOON_MS : null) },
  );
  const domain = useCall(sagemaker, DescribeDomainCommand, { DomainId });
  const [isAsking, setAsking] = useState(false);
  const navigate = useNavigate();
  const users = `/domains/${DomainId}?tab=users`;
  const remove = useAction(
    async () => {
      await sagemaker.send(DeleteUserProfileCommand, { DomainId, UserProfileName });
      navigate(users);
    },
    { done: () => `User profile ${UserProfileName} is being deleted.` },
  );
  const owner: Owner = { kind: "user", name: UserProfileName, domainId: DomainId };
  return (
    <Page
      title={UserProfileName}
      above={[
        { text: "Domains", to: "/domains" },
        { text: domain.data?.DomainName ?? DomainId, to: `/domains/${DomainId}` },
        { text: "User profiles", to: users },
      ]}
      description="User profile"
      actions={
        user.data && (
          <SpaceBetween direction="horizontal" size="xs">
            <InnerButton
              to={`/activity?${new URLSearchParams({ resource: user.data.UserProfileArn ?? "" })}`}
            >
              Activity
            </InnerButton>
            <Button onClick={() => setAsking(true)}>Delete</Button>
          </SpaceBetween>
        )
      }
    >
      <View of={user} what={`the user profile ${UserProfileName}`}>
        {(data) => (
          <SpaceBetween size="l">
            <View of={domain} what={`the domain ${DomainId}`}>
              {(whole) => {
                const layers = layersOfUser(whole, data);
                return (
                  <SpaceBetween size="l">
                    <AppPanel owner={owner} userProfileName={UserProfileName} layers={layers} />
                    <InForce layers={layers} />
                  </SpaceBetween>
                );
              }}
            </View>
            <SignInBox profile={data} />
            <OwnApps owner={owner} />
            <OwnSpaces owner={owner} />
            <SpentBox owner={owner} arn={data.UserProfileArn ?? ""} />
            <StoredBox owner={owner} />
            <Details user={data} />
            <TagsBox arn={data.UserProfileArn ?? ""} what={UserProfileName} />
          </SpaceBetween>
        )}
      </View>
      {isAsking && (
        <TypedDelete
          title={`Delete ${UserProfileName}?`}
          word={UserProfileName}
          action={remove}
          onClose={() => setAsking(false)}
        >
          The profile goes for good. Its apps must be stopped and its private spaces deleted before.
          Its files stay on the domain's file system, and come back to a profile of this name.
        </TypedDelete>
      )}
    </Page>
  );
}

function Details({ user }: { user: DescribeUserProfileResponse }) {
  return (
    <Container header={<Header variant="h2">Details</Header>}>
      <KeyValuePairs
        columns={3}
        minColumnWidth={220}
        items={[
          { label: "Status", value: <Status status={user.Status} /> },
          { label: "Created", value: <When at={user.CreationTime} /> },
          { label: "Last modified", value: <When at={user.LastModifiedTime} /> },
          { label: "ARN", value: <Copy text={user.UserProfileArn ?? ""} what="The ARN" /> },
          { label: "Home on the file system", value: `/${user.HomeEfsFileSystemUid ?? "-"}` },
          { label: "What went wrong", value: user.FailureReason ?? "Nothing" },
        ]}
      />
    </Container>
  );
}
