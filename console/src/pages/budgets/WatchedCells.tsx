// What watches a budget, in the list: how many of its alerts are passed, and what its action does.
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { InnerLink } from "~/parts/InnerLink";
import { ActionState } from "./acting/State";

export interface Watched {
  alerts: number;
  passed: number;
  /** The status that matters most; undefined without actions. */
  action: string | undefined;
}

export const NOTHING: Watched = { alerts: 0, passed: 0, action: undefined };

interface CellProps {
  name: string;
  /** undefined: not known, or one may not see it. */
  watched: Watched | undefined;
}

export function AlertsCell({ name, watched }: CellProps) {
  if (!watched?.alerts) return <>{watched ? "None" : "-"}</>;
  const { alerts, passed } = watched;
  return (
    <InnerLink to={`/budgets/${encodeURIComponent(name)}?tab=alerts`}>
      <StatusIndicator type={passed ? "error" : "success"}>
        {passed ? `${passed} of ${alerts} passed` : `${alerts} OK`}
      </StatusIndicator>
    </InnerLink>
  );
}

export function ActionCell({ name, watched }: CellProps) {
  if (!watched?.action) return <>{watched ? "None" : "-"}</>;
  return (
    <InnerLink to={`/budgets/${encodeURIComponent(name)}?tab=actions`}>
      <ActionState status={watched.action} />
    </InnerLink>
  );
}
