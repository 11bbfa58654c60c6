// /console/sign-in: by access key or by user name and password; then on to where one wanted to go.
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect } from "react";
import { Navigate, useSearchParams } from "react-router";
import { forgetAll } from "~/aws/cache";
import type { Identity } from "~/session/exchange";
import { useSession } from "~/session/useSession";
import { SignInForm } from "./SignInForm";

export default function SignIn() {
  const session = useSession();
  const { status } = session;
  const [query] = useSearchParams();
  useEffect(() => {
    document.title = "Sign in | Freehold";
    if (status === "out") forgetAll();
  }, [status]);
  if (session.status === "in") {
    return <Navigate to={goal(query.get("to"), session.identity)} replace />;
  }
  return (
    <main className="middle">
      <div className="card">
        <SpaceBetween size="l">
          <Box textAlign="center">
            <img src="/console/mark.svg" alt="" width="48" height="48" />
            <Box variant="h1" padding={{ top: "xs" }}>
              Sign in to Freehold
            </Box>
          </Box>
          <Container
            header={
              <Header
                variant="h2"
                description="By the name and password, or the access key, that you were given."
              >
                Who are you?
              </Header>
            }
          >
            <SignInForm onDone={() => undefined} />
          </Container>
          <Box color="text-body-secondary" textAlign="center" fontSize="body-s">
            Administrators get their keys on the server by <code>freehold env</code>. Everybody else
            gets theirs from an administrator.
          </Box>
        </SpaceBetween>
      </div>
    </main>
  );
}

/** Only a path of ours: a link to sign in never leads to somebody else's site. */
function goal(to: string | null, { arn }: Identity): string {
  if (to && /^\/(?![/\\])/.test(to)) return to;
  return arn.endsWith(":root") ? "/domains" : "/"; // everybody else's is looked for there
}
