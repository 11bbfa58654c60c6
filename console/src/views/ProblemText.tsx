// A problem in AWS's own words, with its request id to copy; used in views, forms and notices alike.
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Problem } from "~/aws/problem";
import { Copy } from "~/parts/Copy";

export function ProblemText({ problem }: { problem: Problem }) {
  const { kind, requestId, message } = problem;
  return (
    <SpaceBetween size="xxs">
      <span className="break">{message}</span>
      {requestId && (
        <span>
          Request id: <Copy text={requestId} what="The request id" />
        </span>
      )}
      {requestId && kind === "forbidden" && (
        <span>
          Why: <Link href={`/console/access?tab=explain&request=${requestId}`}>explain this</Link>
        </span>
      )}
    </SpaceBetween>
  );
}
