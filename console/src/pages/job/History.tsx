// The steps of a job in time: what each was, how long it took, and what it said.
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, {
  type StatusIndicatorProps,
} from "@cloudscape-design/components/status-indicator";
import { duration, localTime, utcTime } from "~/format/time";
import type { JobStep } from "./facts";

const ENDS: Record<string, StatusIndicatorProps.Type> = {
  Completed: "success",
  Failed: "error",
  Stopped: "stopped",
  MaxRuntimeExceeded: "error",
  MaxWaitTimeExceeded: "error",
};

export function History({ steps }: { steps: JobStep[] }) {
  if (!steps.length) return <Box color="text-body-secondary">Nothing has happened yet.</Box>;
  return (
    <SpaceBetween size="xs">
      {steps.map((step) => (
        <div key={`${step.status} ${step.began?.getTime()}`} className="step">
          <StatusIndicator type={ENDS[step.status] ?? (step.ended ? "success" : "in-progress")}>
            {step.status}
          </StatusIndicator>
          <span className="number">{ENDS[step.status] ? "" : took(step)}</span>
          <Box color="text-body-secondary" variant="span">
            {step.began ? (
              <time dateTime={step.began.toISOString()} title={utcTime(step.began)}>
                {localTime(step.began)}
              </time>
            ) : (
              "-"
            )}
          </Box>
          <span className="break">{step.message}</span>
        </div>
      ))}
    </SpaceBetween>
  );
}

function took({ began, ended }: JobStep): string {
  if (!began) return "";
  return duration(((ended ?? new Date()).getTime() - began.getTime()) / 1000);
}
