// The first of the four views: something is on its way, and what.
import StatusIndicator from "@cloudscape-design/components/status-indicator";

export function Loading({ what }: { what: string }) {
  return <StatusIndicator type="loading">Loading {what}</StatusIndicator>;
}
