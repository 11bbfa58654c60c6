// The gate: is somebody signed in? If not, sign in first and come back to where they wanted to go.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Spinner from "@cloudscape-design/components/spinner";
import { useEffect, useState } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { session } from "~/session/session";
import { useSession } from "~/session/useSession";

export function SignedIn() {
  const { status } = useSession();
  const [trouble, setTrouble] = useState(false);
  const { pathname, search, hash } = useLocation();
  useEffect(() => {
    if (status === "unknown" && !trouble) session.resume().catch(() => setTrouble(true));
  }, [status, trouble]);

  if (status === "out") {
    const to = pathname + search + hash;
    return <Navigate to={`/sign-in${to === "/" ? "" : `?to=${encodeURIComponent(to)}`}`} replace />;
  }
  if (status !== "unknown") return <Outlet />;
  return (
    <main className="middle">
      {trouble ? (
        <>
          <Box variant="h1">The server does not answer</Box>
          <Box margin={{ vertical: "s" }}>Is it running? The page goes on where it was.</Box>
          <Button onClick={() => setTrouble(false)} iconName="refresh">
            Try again
          </Button>
        </>
      ) : (
        <Spinner size="large" />
      )}
    </main>
  );
}
