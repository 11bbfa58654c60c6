// /console/open?DomainId=&UserProfileName=&SpaceName=: starts JupyterLab, says what happens, and
// goes on into it by a presigned URL. A tab of its own: it can be left and opened again.
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useSearchParams } from "react-router";
import { Page } from "~/page/Page";
import { InnerButton } from "~/parts/InnerButton";
import { Trouble } from "~/views/Trouble";
import { type Step, useOpening } from "./useOpening";

const TYPES = {
  waiting: "pending",
  running: "in-progress",
  done: "success",
  failed: "error",
} as const;

export default function Open() {
  const [query] = useSearchParams();
  const domainId = query.get("DomainId") ?? "";
  const userProfileName = query.get("UserProfileName") ?? "";
  const spaceName = query.get("SpaceName") ?? "";
  const { steps, problem, again } = useOpening({ domainId, userProfileName, spaceName });
  const name = spaceName || userProfileName;
  return (
    <Page
      title={`Opening JupyterLab of ${name}`}
      above={[
        { text: "Domains", to: "/domains" },
        { text: domainId, to: `/domains/${domainId}?tab=apps` },
      ]}
    >
      <SpaceBetween size="l">
        {problem && <Trouble problem={problem} what={`JupyterLab of ${name}`} onRetry={again} />}
        <Container>
          <SpaceBetween size="s">
            {steps.map((step) => (
              <StepLine key={step.text} step={step} />
            ))}
            <Box color="text-body-secondary">
              This tab goes on by itself. You may leave it: what was started goes on starting.
            </Box>
          </SpaceBetween>
        </Container>
        <InnerButton to={`/domains/${domainId}?tab=apps`}>To the apps of this domain</InnerButton>
      </SpaceBetween>
    </Page>
  );
}

function StepLine({ step }: { step: Step }) {
  return (
    <div role="status">
      <StatusIndicator type={TYPES[step.state]}>{step.text}</StatusIndicator>
    </div>
  );
}
