// Who signs in as this person: the IAM user that the profile's tag names, else the one of its name.
import { ListUsersCommand } from "@aws-sdk/client-iam";
import { type DescribeUserProfileResponse, ListTagsCommand } from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { iam } from "~/aws/services/iam";
import { sagemaker } from "~/aws/services/sagemaker";
import { type Call, pages, useGathered } from "~/aws/useCall";
import { InnerButton } from "~/parts/InnerButton";
import { InnerLink } from "~/parts/InnerLink";
import { USER_TAG } from "~/people/owners";
import { SignInCell } from "~/people/SignInCell";
import { View } from "~/views/View";

interface SignIn {
  /** Whom the tag names; "" where there is none. */
  said: string;
  /** The user, if there is one. */
  user: string;
}

function useSignIn(arn: string, name: string): Call<SignIn> {
  return useGathered(`iam user of ${arn}`, async (signal) => {
    const tags = await pages(sagemaker, ListTagsCommand, { ResourceArn: arn }, "Tags", { signal });
    const said = tags.find((tag) => tag.Key === USER_TAG)?.Value ?? "";
    const user = said || name;
    return { said, user: (await isThere(user, signal)) ? user : "" };
  });
}

/** Asked by the list: GetUser's "no such user" would stand in the browser's log as an error. */
async function isThere(UserName: string, signal: AbortSignal): Promise<boolean> {
  const paging = { token: "Marker", signal };
  const users = await pages(iam, ListUsersCommand, { MaxItems: 1000 }, "Users", paging);
  return users.some((user) => user.UserName === UserName);
}

export function SignInBox({ profile }: { profile: DescribeUserProfileResponse }) {
  const { DomainId = "", UserProfileName = "", UserProfileArn = "" } = profile;
  const signIn = useSignIn(UserProfileArn, UserProfileName);
  return (
    <Container
      header={
        <Header variant="h2" description="Whose user profile this is.">
          Sign-in
        </Header>
      }
    >
      <View of={signIn} what={`who signs in as ${UserProfileName}`}>
        {({ said, user }) =>
          user ? (
            <Known user={user} said={said} />
          ) : (
            <SpaceBetween size="s">
              <Box color="text-body-secondary">
                Nobody can sign in as this person yet.
                {said && ` The tag ${USER_TAG} names ${said}, and there is no such IAM user.`}
              </Box>
              <InnerButton to={`/domains/${DomainId}/users/${UserProfileName}/sign-in`}>
                Make a sign-in
              </InnerButton>
            </SpaceBetween>
          )
        }
      </View>
    </Container>
  );
}

function Known({ user, said }: { user: string; said: string }) {
  return (
    <KeyValuePairs
      columns={3}
      minColumnWidth={220}
      items={[
        { label: "IAM user", value: <InnerLink to={`/people/${user}`}>{user}</InnerLink> },
        { label: "Signs in by", value: <SignInCell userName={user} /> },
        { label: "Known by", value: said ? `The tag ${USER_TAG}` : "The same name" },
      ]}
    />
  );
}
