// /console/people/{UserName}: one IAM user: how they sign in, what they may do, which profiles are
// theirs, and the end of them.
import { GetUserCommand } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useParams } from "react-router";
import { iam } from "~/aws/services/iam";
import { useCall } from "~/aws/useCall";
import { Page } from "~/page/Page";
import { Copy } from "~/parts/Copy";
import { InnerButton } from "~/parts/InnerButton";
import { When } from "~/parts/When";
import { useIdentity } from "~/session/useSession";
import { View } from "~/views/View";
import { DeletePerson } from "./DeletePerson";
import { Devices } from "./Devices";
import { Groups } from "./Groups";
import { Keys } from "./keys/Keys";
import { Password } from "./Password";
import { Policies } from "./Policies";
import { Profiles } from "./Profiles";
import { UserTags } from "./UserTags";

export default function Person() {
  const { UserName = "" } = useParams();
  const user = useCall(iam, GetUserCommand, { UserName });
  const { arn } = useIdentity();
  const [isAsking, ask] = useState(false);
  const isMe = !!user.data && user.data.User?.Arn === arn;
  return (
    <Page
      title={UserName}
      above={[{ text: "People", to: "/people" }]}
      description="IAM user"
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <InnerButton to={`/activity?${new URLSearchParams({ who: UserName })}`}>
            Activity
          </InnerButton>
          <Button disabled={!user.data} onClick={() => ask(true)}>
            Delete
          </Button>
        </SpaceBetween>
      }
    >
      <View of={user} what={`the user ${UserName}`}>
        {({ User: data }) => (
          <SpaceBetween size="l">
            {isMe && <Alert type="info">This is you: what you change here binds you.</Alert>}
            <Container header={<Header variant="h2">Details</Header>}>
              <KeyValuePairs
                columns={3}
                minColumnWidth={220}
                items={[
                  { label: "ARN", value: <Copy text={data?.Arn ?? ""} what="The ARN" /> },
                  { label: "Created", value: <When at={data?.CreateDate} /> },
                  {
                    label: "Last sign-in by password",
                    value: data?.PasswordLastUsed ? <When at={data.PasswordLastUsed} /> : "Never",
                  },
                ]}
              />
            </Container>
            <Password userName={UserName} isMe={isMe} />
            <Keys userName={UserName} isMe={isMe} />
            <Devices userName={UserName} isMe={isMe} />
            <Profiles userName={UserName} />
            <Policies userName={UserName} />
            <Groups userName={UserName} />
            <UserTags userName={UserName} tags={data?.Tags ?? []} />
          </SpaceBetween>
        )}
      </View>
      {isAsking && <DeletePerson userName={UserName} isMe={isMe} onClose={() => ask(false)} />}
    </Page>
  );
}
