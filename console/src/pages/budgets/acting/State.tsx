// The status of an action in words.
import StatusIndicator, {
  type StatusIndicatorProps,
} from "@cloudscape-design/components/status-indicator";

const STATES: Record<string, [StatusIndicatorProps.Type, string]> = {
  STANDBY: ["pending", "Watching"],
  PENDING: ["warning", "Waits for approval"],
  EXECUTION_IN_PROGRESS: ["in-progress", "Attaching"],
  EXECUTION_SUCCESS: ["error", "New starts denied"],
  EXECUTION_FAILURE: ["error", "It failed"],
  REVERSE_IN_PROGRESS: ["in-progress", "Taking back"],
  REVERSE_SUCCESS: ["stopped", "Reversed"],
  REVERSE_FAILURE: ["error", "Could not be reversed"],
  RESET_IN_PROGRESS: ["in-progress", "Resetting"],
  RESET_FAILURE: ["error", "Could not be reset"],
};

export const isBusy = (status: string | undefined): boolean =>
  status?.endsWith("_IN_PROGRESS") ?? false;

export function ActionState({ status = "" }: { status: string | undefined }) {
  const [type, word] = STATES[status] ?? (["info", status] as const);
  return <StatusIndicator type={type}>{word}</StatusIndicator>;
}
