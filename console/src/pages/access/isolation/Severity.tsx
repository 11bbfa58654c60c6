// How bad a way across is, or that it is closed.
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Way } from "./analysis";

export function Severity({ of }: { of: Way }) {
  if (of.status === "RESOLVED") return <StatusIndicator type="success">Resolved</StatusIndicator>;
  if (of.severity === "leak") return <StatusIndicator type="error">Leak</StatusIndicator>;
  return (
    <StatusIndicator type="info">
      {of.severity === "lists" ? "Shows names" : "Read by both"}
    </StatusIndicator>
  );
}
