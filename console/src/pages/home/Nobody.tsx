// No profile is known to be this person's: what was looked for, and what an administrator can do.
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Problem } from "~/aws/problem";
import { Page } from "~/page/Page";
import { Copy } from "~/parts/Copy";
import { InnerButton } from "~/parts/InnerButton";
import { USER_TAG } from "~/people/owners";
import { useIdentity } from "~/session/useSession";
import { ProblemText } from "~/views/ProblemText";

export function Nobody({ user, problems }: { user: string; problems: Problem[] }) {
  const { arn } = useIdentity();
  return (
    <Page title="My work">
      <Container>
        <SpaceBetween size="m">
          <Box variant="h2">No user profile is known to be yours</Box>
          <div>
            You are <Copy text={arn} what="Your ARN" />
          </div>
          {user ? (
            <Box variant="p">
              A profile is yours when it has your name, <code>{user}</code>, or the tag{" "}
              <code>
                {USER_TAG}={user}
              </code>
              . Ask whoever administers this account for one, or for a link to it.
            </Box>
          ) : (
            <Box variant="p">
              The account's root and roles have no profile of their own: people sign in as IAM
              users, or with the keys of their profile.
            </Box>
          )}
          {problems.map((problem) => (
            <div key={problem.requestId} data-view={problem.kind}>
              <Box variant="strong">One way could not be looked at:</Box>
              <ProblemText problem={problem} />
            </div>
          ))}
          <InnerButton to="/domains">To the domains</InnerButton>
        </SpaceBetween>
      </Container>
    </Page>
  );
}
