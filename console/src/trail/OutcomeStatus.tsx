// How a call ended, with a sign beside the word: allowed, refused by policy, or failed.
import Box from "@cloudscape-design/components/box";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Seen } from "./event";

export function OutcomeStatus({ of }: { of: Seen }) {
  if (of.outcome === "refused") return <StatusIndicator type="error">Refused</StatusIndicator>;
  if (of.outcome === "failed") {
    return (
      <>
        <StatusIndicator type="warning">Failed</StatusIndicator>
        <Box color="text-body-secondary" fontSize="body-s">
          <span className="break">{of.errorCode}</span>
        </Box>
      </>
    );
  }
  return <StatusIndicator type="success">Done</StatusIndicator>;
}
