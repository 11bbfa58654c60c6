// What the policies as they are now say of a call that was refused then.
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useGathered } from "~/aws/useCall";
import type { Decision } from "~/trail/event";
import { entriesOf, simulate } from "../simulator/simulate";

interface TodayProps {
  principal: string;
  decision: Decision;
  context: Record<string, unknown>;
}

export function Today({ principal, decision, context }: TodayProps) {
  const { action, resource } = decision;
  const key = `iam today ${principal} ${action} ${resource} ${JSON.stringify(context)}`;
  const resources = resource && resource !== "*" ? [resource] : [];
  const today = useGathered(key, () =>
    simulate(
      { principal },
      [action],
      resources,
      entriesOf(context).filter((one) => one.value),
    ),
  );
  if (today.problem) {
    return (
      <StatusIndicator type="info">
        What policy would say now cannot be asked: {today.problem.message}
      </StatusIndicator>
    );
  }
  if (!today.data) return <StatusIndicator type="loading">Asking today's policies</StatusIndicator>;
  return today.data[0]?.decision === "allowed" ? (
    <StatusIndicator type="success">
      Under today's policies of the caller it would be allowed.
    </StatusIndicator>
  ) : (
    <StatusIndicator type="error">
      Under today's policies it would be refused again.
    </StatusIndicator>
  );
}
