// /console/open?DomainId=&UserProfileName=&SpaceName=: starts JupyterLab, says what happens, and
// goes on into it by a presigned URL. A tab of its own: it can be left and opened again.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { rate } from "~/format/amounts";
import { Page } from "~/page/Page";
import { InnerButton } from "~/parts/InnerButton";
import { wasPressed } from "~/parts/pressed";
import { StepList } from "~/parts/StepList";
import { useRates } from "~/studio/rates";
import { Trouble } from "~/views/Trouble";
import { useOpening } from "./useOpening";

export default function Open() {
  const [query] = useSearchParams();
  const domainId = query.get("DomainId") ?? "";
  const userProfileName = query.get("UserProfileName") ?? "";
  const spaceName = query.get("SpaceName") ?? "";
  const instanceType = query.get("InstanceType") ?? "";
  const [isChosen] = useState(() => wasPressed(location.search));
  const goal = { domainId, userProfileName, spaceName, instanceType };
  const { steps, problem, again, note, isAsking, start } = useOpening(goal, isChosen);
  const name = spaceName || userProfileName;
  const home = spaceName
    ? `/domains/${encodeURIComponent(domainId)}/spaces/${encodeURIComponent(spaceName)}`
    : `/domains/${encodeURIComponent(domainId)}/users/${encodeURIComponent(userProfileName)}`;
  return (
    <Page
      title={`Opening JupyterLab of ${name}`}
      above={[
        { text: "Domains", to: "/domains" },
        { text: domainId, to: `/domains/${encodeURIComponent(domainId)}?tab=apps` },
      ]}
    >
      <SpaceBetween size="l">
        {problem && <Trouble problem={problem} what={`JupyterLab of ${name}`} onRetry={again} />}
        {isAsking && <Ask name={name} instanceType={instanceType} onStart={start} />}
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

interface AskProps {
  name: string;
  /** "": as the settings say. */
  instanceType: string;
  onStart: () => void;
}

/** For who came by a link: what it would start may be somebody else's wish, and costs. */
function Ask({ name, instanceType, onStart }: AskProps) {
  const usd = useRates().data?.get(instanceType)?.usd;
  const where = instanceType || "the instance that the settings say";
  return (
    <Alert
      header={`JupyterLab of ${name} does not run`}
      action={<Button onClick={onStart}>Start and open</Button>}
    >
      This link would start it on {where}
      {usd === undefined ? "" : `, ${rate(usd)}`}. It costs while it runs.
    </Alert>
  );
}
