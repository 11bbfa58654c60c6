// What is left when a page breaks: what happened, and the ways out. The rest of the console stands.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRouteError } from "react-router";

const RENEWED = /dynamically imported module|Importing a module script failed|module script/;

export function Crash() {
  const error = useRouteError();
  const message = error instanceof Error ? error.message : String(error);
  const isRenewed = RENEWED.test(message);
  return (
    <Box padding="l">
      <Alert
        type={isRenewed ? "info" : "error"}
        header={isRenewed ? "The console was renewed meanwhile" : "This page broke"}
        action={
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={() => location.reload()}>Reload</Button>
            <Button href="/console/">To the start</Button>
          </SpaceBetween>
        }
      >
        {isRenewed
          ? "The server runs another release than this page: reload it to go on."
          : `This is our own mistake, and nothing was changed by it. What it says: ${message}`}
      </Alert>
    </Box>
  );
}
