// /console/open?DomainId=&UserProfileName=&SpaceName=: starts JupyterLab, says what happens, and
// goes on into it by a presigned URL. A tab of its own: it can be left and opened again.
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSearchParams } from "react-router";
import { Page } from "~/page/Page";
import { InnerButton } from "~/parts/InnerButton";
import { StepList } from "~/parts/StepList";
import { Trouble } from "~/views/Trouble";
import { useOpening } from "./useOpening";

export default function Open() {
  const [query] = useSearchParams();
  const domainId = query.get("DomainId") ?? "";
  const userProfileName = query.get("UserProfileName") ?? "";
  const spaceName = query.get("SpaceName") ?? "";
  const instanceType = query.get("InstanceType") ?? "";
  const { steps, problem, again, note } = useOpening({
    domainId,
    userProfileName,
    spaceName,
    instanceType,
  });
  const name = spaceName || userProfileName;
  const home = spaceName
    ? `/domains/${domainId}/spaces/${spaceName}`
    : `/domains/${domainId}/users/${userProfileName}`;
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
            <StepList steps={steps} />
            {note && <Box>{note}</Box>}
            <Box color="text-body-secondary">
              This tab goes on by itself. You may leave it: what was started goes on starting.
            </Box>
          </SpaceBetween>
        </Container>
        <InnerButton to={home}>
          {spaceName ? `To the space ${spaceName}` : `To the user profile ${userProfileName}`}
        </InnerButton>
      </SpaceBetween>
    </Page>
  );
}
