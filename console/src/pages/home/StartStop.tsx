// Starts a notebook without opening it, or stops it; a stop is confirmed.
import { CreateAppCommand, DeleteAppCommand } from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { isPassing } from "~/parts/Status";
import type { Me } from "./mine";
import type { Place } from "./useStudio";

export function StartStop({ me, place }: { me: Me; place: Place }) {
  const [isAsking, ask] = useState(false);
  const { app, title, spaceName } = place;
  const owner = spaceName ? { SpaceName: spaceName } : { UserProfileName: me.userProfileName };
  const start = useAction(
    () =>
      sagemaker.send(CreateAppCommand, {
        DomainId: me.domainId,
        AppType: "JupyterLab",
        AppName: "default",
        ...owner,
      }),
    { done: () => `${title} is starting.`, renews: "sagemaker", tells: true },
  );
  const stop = useAction(
    () =>
      sagemaker.send(DeleteAppCommand, {
        DomainId: me.domainId,
        AppType: app?.AppType,
        AppName: app?.AppName,
        ...owner,
      }),
    { done: () => `${title} is stopping.`, renews: "sagemaker" },
  );
  return (
    <>
      {app ? (
        <Button
          variant="inline-link"
          ariaLabel={`Stop ${title}`}
          disabled={isPassing(app.Status)}
          onClick={() => ask(true)}
        >
          Stop
        </Button>
      ) : (
        <Button
          variant="inline-link"
          ariaLabel={`Start ${title}`}
          loading={start.isRunning}
          onClick={() => void start.run()}
        >
          Start
        </Button>
      )}
      {isAsking && (
        <TypedDelete
          title={`Stop ${title}?`}
          word="stop"
          verb="Stop"
          action={stop}
          onClose={() => ask(false)}
        >
          Kernels end, and what was not saved is lost. Files stay, and the bill stops.
        </TypedDelete>
      )}
    </>
  );
}
