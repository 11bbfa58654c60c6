// Quick setup: what it will make is said first; then each step is shown as it happens.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate } from "react-router";
import { renewAll } from "~/aws/cache";
import { useSteps } from "~/aws/useSteps";
import { nameTrouble } from "~/format/names";
import { useNotices } from "~/page/notices";
import { useDraft } from "~/page/useDraft";
import { StepList } from "~/parts/StepList";
import { roleName } from "~/roles/making";
import { useIdentity } from "~/session/useSession";
import { ProblemText } from "~/views/ProblemText";
import { NOTHING_MADE, quickPlan } from "./quickPlan";

export function Quick() {
  const identity = useIdentity();
  const navigate = useNavigate();
  const notices = useNotices();
  const [offered] = useState(offer);
  const [draft, change, forget] = useDraft("quick-domain", offered);
  const [isTried, setTried] = useState(false);
  const steps = useSteps();
  const [made, keep, forgetMade] = useDraft("quick-domain-made", NOTHING_MADE);
  const troubles = {
    domain: isTried ? nameTrouble(draft.domain) : "",
    person: isTried ? nameTrouble(draft.person) : "",
  };

  async function go(): Promise<void> {
    setTried(true);
    if (nameTrouble(draft.domain) || nameTrouble(draft.person)) return;
    let { domainId } = made;
    const note = (now: typeof made) => {
      domainId = now.domainId;
      keep(now);
    };
    const isDone = await steps.go(quickPlan({ ...draft, ...identity }, made, note));
    renewAll();
    if (!isDone) return;
    forget();
    forgetMade();
    notices.success(`Domain ${draft.domain} was created.`);
    navigate(`/domains/${domainId}?tab=users`);
  }

  function edit(part: Partial<typeof draft>): void {
    change(part);
    steps.reset();
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <Container header={<Header variant="h2">Quick setup</Header>}>
        <SpaceBetween size="l">
          <FormField
            label="Domain name"
            description="A name is offered: write your own, or take it."
            constraintText="Letters, digits and hyphens, up to 63. It cannot be changed."
            errorText={troubles.domain}
          >
            <Input
              value={draft.domain}
              onChange={({ detail }) => edit({ domain: detail.value })}
              disabled={steps.isRunning}
              spellcheck={false}
              autoComplete={false}
            />
          </FormField>
          <FormField
            label="First user profile"
            description="The first person of it; others are added later."
            errorText={troubles.person}
          >
            <Input
              value={draft.person}
              onChange={({ detail }) => edit({ person: detail.value })}
              disabled={steps.isRunning}
              spellcheck={false}
              autoComplete={false}
            />
          </FormField>
          <WhatItMakes domain={draft.domain || "NAME"} person={draft.person || "NAME"} />
          {steps.steps.length > 0 && <StepList steps={steps.steps} />}
          {steps.problem && (
            <Alert type="error" header="It stopped here">
              <ProblemText problem={steps.problem} />
              What was made stays; “Go on” continues with the step that failed.
            </Alert>
          )}
          <Button variant="primary" formAction="submit" loading={steps.isRunning}>
            {steps.problem ? "Go on" : "Create domain"}
          </Button>
        </SpaceBetween>
      </Container>
    </form>
  );
}

/** Names as AWS's quick setup gives them, so that one click is enough. */
function offer(): { domain: string; person: string } {
  const now = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "");
  return { domain: `QuickSetupDomain-${now}`, person: `default-${now}` };
}

function WhatItMakes({ domain, person }: { domain: string; person: string }) {
  return (
    <div>
      <Box variant="awsui-key-label">This makes</Box>
      <ul>
        <li>
          an execution role <code className="break">{roleName(domain)}</code>, nobody else's, with a
          policy that keeps it to this domain
        </li>
        <li>
          the domain <code>{domain}</code> in the default VPC, with access to the internet; homes of
          5 GB, at most 100 GB
        </li>
        <li>
          a bucket <code>sagemaker-DOMAIN_ID</code> for its files
        </li>
        <li>
          the user profile <code>{person}</code>
        </li>
      </ul>
      <Box color="text-body-secondary">
        Nothing of it costs anything until an app runs or files are kept.
      </Box>
    </div>
  );
}
