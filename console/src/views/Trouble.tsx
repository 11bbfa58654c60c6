// The third and fourth views: something went wrong, or it is forbidden. AWS's own words, what to do,
// and the request's id, by which `freehold explain` tells the reason.
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Problem, ProblemKind } from "~/aws/problem";
import { ProblemText } from "./ProblemText";

interface TroubleProps {
  problem: Problem;
  /** What was asked for, such as "the domains". */
  what: string;
  onRetry?: () => void;
}

const TITLES: Partial<Record<ProblemKind, (what: string) => string>> = {
  forbidden: (what) => `You may not see ${what}`,
  missing: (what) => `There is no such thing: ${what}`,
  throttled: () => "Too many calls at this moment",
  network: () => "The server does not answer",
  unsupported: (what) => `This server does not serve ${what}`,
};

export function Trouble({ problem, what, onRetry }: TroubleProps) {
  const title = TITLES[problem.kind]?.(what) ?? `Asking for ${what} failed`;
  const isRefused = problem.kind === "forbidden";
  return (
    <div role="alert" data-view={isRefused ? "forbidden" : "error"}>
      <Alert
        type={isRefused || problem.kind === "missing" ? "warning" : "error"}
        header={title}
        action={
          onRetry && (
            <Button iconName="refresh" onClick={onRetry}>
              Try again
            </Button>
          )
        }
      >
        <SpaceBetween size="xs">
          <ProblemText problem={problem} />
          {isRefused && <Advice problem={problem} />}
        </SpaceBetween>
      </Alert>
    </div>
  );
}

function Advice({ problem }: { problem: Problem }) {
  return (
    <div>
      What to do: ask whoever administers this account to allow you{" "}
      {problem.action ? <code>{problem.action}</code> : "this"}
      {problem.resource && problem.resource !== "*" && (
        <>
          {" "}
          on <code className="break">{problem.resource}</code>
        </>
      )}
      . Give them the request id.
    </div>
  );
}
