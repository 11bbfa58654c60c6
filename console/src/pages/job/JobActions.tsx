// Stop a job that runs, delete one that has ended: both confirmed.
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useAction } from "~/aws/useAction";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { isPassing, Status } from "~/parts/Status";
import type { JobFacts } from "./facts";

interface JobActionsProps {
  facts: JobFacts;
  stop: () => Promise<unknown>;
  remove: () => Promise<unknown>;
}

export function JobActions(given: JobActionsProps) {
  const { name, status } = given.facts;
  const [asking, ask] = useState<"stop" | "delete" | null>(null);
  const navigate = useNavigate();
  const stop = useAction(given.stop, { done: () => `Job ${name} is being stopped.` });
  const remove = useAction(
    async () => {
      await given.remove();
      navigate("/jobs");
    },
    { done: () => `Job ${name} was deleted.` },
  );
  return (
    <SpaceBetween direction="horizontal" size="s" alignItems="center">
      <Status status={status} />
      <Button disabled={status !== "InProgress"} onClick={() => ask("stop")}>
        Stop
      </Button>
      <Button
        disabled={isPassing(status)}
        disabledReason="Stop it first."
        onClick={() => ask("delete")}
      >
        Delete
      </Button>
      {asking === "stop" && (
        <TypedDelete
          title={`Stop ${name}?`}
          word="stop"
          verb="Stop"
          action={stop}
          onClose={() => ask(null)}
        >
          It is asked to end, and ended after two minutes. What it wrote to its output until then is
          kept, and the bill stops.
        </TypedDelete>
      )}
      {asking === "delete" && (
        <TypedDelete
          title={`Delete ${name}?`}
          word={name}
          action={remove}
          onClose={() => ask(null)}
        >
          The job's record goes for good. What it wrote to S3, its log and its cost stay.
        </TypedDelete>
      )}
    </SpaceBetween>
  );
}
