// A status as AWS spells it, with the sign and the word that people know from the console.
import StatusIndicator, {
  type StatusIndicatorProps,
} from "@cloudscape-design/components/status-indicator";

const TYPES: Record<string, StatusIndicatorProps.Type> = {
  InService: "success",
  Completed: "success",
  Succeeded: "success",
  Active: "success",
  Approved: "success",
  Pending: "pending",
  PendingManualApproval: "pending",
  Updating: "in-progress",
  Deleting: "in-progress",
  InProgress: "in-progress",
  Executing: "in-progress",
  Creating: "in-progress",
  Stopping: "in-progress",
  Stopped: "stopped",
  Deleted: "stopped",
  Inactive: "stopped",
  Failed: "error",
  Rejected: "error",
  Update_Failed: "error",
  Delete_Failed: "error",
};
const WORDS: Record<string, string> = {
  Update_Failed: "Update failed",
  Delete_Failed: "Delete failed",
};
const PASSING = new Set(["Pending", "Updating", "Deleting", "InProgress", "Creating", "Stopping"]);

/** Whether a status goes over into another by itself: then a page looks again. */
export const isPassing = (status: string | undefined): boolean => PASSING.has(status ?? "");

interface StatusProps {
  status: string | undefined;
  /** Such as "Ready" for an app that is InService. */
  word?: string;
}

export function Status({ status, word }: StatusProps) {
  if (!status) return <>-</>;
  return (
    <StatusIndicator type={TYPES[status] ?? "info"}>
      {word ?? WORDS[status] ?? status}
    </StatusIndicator>
  );
}
