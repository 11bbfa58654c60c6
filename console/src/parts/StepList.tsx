// Steps of something that takes a while, each with its state; changes are told to screen readers.
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Step } from "~/aws/useSteps";

const TYPES = {
  waiting: "pending",
  running: "in-progress",
  done: "success",
  failed: "error",
} as const;

export function StepList({ steps }: { steps: Step[] }) {
  return (
    <div aria-live="polite">
      <SpaceBetween size="xs">
        {steps.map((step) => (
          <StatusIndicator key={step.text} type={TYPES[step.state]}>
            {step.text}
          </StatusIndicator>
        ))}
      </SpaceBetween>
    </div>
  );
}
