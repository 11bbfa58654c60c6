// The bar that says that the server does not answer; it goes by itself when it does again.
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { connection, useIsConnectionLost } from "~/aws/connection";

export function ConnectionLost() {
  const isLost = useIsConnectionLost();
  if (!isLost) return null;
  return (
    <div role="alert">
      <Alert
        type="warning"
        header="The server does not answer"
        action={<Button onClick={connection.retry}>Try again now</Button>}
      >
        It is asked again every two seconds. What you typed stays; what is shown may be old.
      </Alert>
    </div>
  );
}
