// The custom wizard: five steps, each checked as the API would, and a review with the command. What
// was typed survives going back, reloading and a lost connection (`useDraft`).
import { CreateDomainCommand, CreateUserProfileCommand } from "@aws-sdk/client-sagemaker";
import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useRef } from "react";
import { useNavigate } from "react-router";
import { renewAll } from "~/aws/cache";
import { sagemaker } from "~/aws/services/sagemaker";
import { type Plan, useSteps } from "~/aws/useSteps";
import { useNotices } from "~/page/notices";
import { useDraft } from "~/page/useDraft";
import { StepList } from "~/parts/StepList";
import { ProblemText } from "~/views/ProblemText";
import { useWizard } from "~/wizard/useWizard";
import { CHECKS, type Draft, EMPTY, peopleOf, requestOf } from "./draft";
import { DetailsStep } from "./steps/DetailsStep";
import { NetworkStep } from "./steps/NetworkStep";
import { PeopleStep } from "./steps/PeopleStep";
import { ReviewStep } from "./steps/ReviewStep";
import { StorageStep } from "./steps/StorageStep";

export function Custom() {
  const navigate = useNavigate();
  const notices = useNotices();
  const [draft, setDraft, forget] = useDraft("custom-domain", EMPTY);
  const { at, troubles, go } = useWizard(draft, CHECKS);
  const making = useSteps();
  const domainId = useRef("");
  const change = (part: Partial<Draft>) => {
    setDraft(part);
    making.reset();
  };
  const given = { draft, change, troubles };

  async function create(): Promise<void> {
    const isDone = await making.go(planOf(draft, domainId));
    renewAll();
    if (!isDone) return;
    forget();
    notices.success(`Domain ${draft.name} was created.`);
    navigate(`/domains/${domainId.current}`);
  }

  return (
    <Wizard
      activeStepIndex={at}
      onNavigate={({ detail }) => go(detail.requestedStepIndex)}
      onCancel={() => {
        forget();
        navigate("/domains");
      }}
      onSubmit={() => void create()}
      isLoadingNextStep={making.isRunning}
      submitButtonText={making.problem ? "Go on" : "Create domain"}
      steps={[
        { title: "Name and tags", content: <DetailsStep {...given} /> },
        { title: "Role and people", content: <PeopleStep {...given} /> },
        { title: "Network", content: <NetworkStep {...given} /> },
        { title: "Storage and start page", content: <StorageStep {...given} /> },
        {
          title: "Review",
          content: (
            <SpaceBetween size="l">
              <ReviewStep draft={draft} onEdit={go} />
              {making.steps.length > 0 && <StepList steps={making.steps} />}
              {making.problem && (
                <Alert type="error" header="It stopped here">
                  <ProblemText problem={making.problem} />
                </Alert>
              )}
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}

function planOf(draft: Draft, domainId: { current: string }): Plan[] {
  return [
    {
      text: `Domain ${draft.name}`,
      run: async () => {
        const { DomainArn } = await sagemaker.send(CreateDomainCommand, requestOf(draft));
        domainId.current = DomainArn?.split("/").pop() ?? "";
      },
    },
    ...peopleOf(draft).map((UserProfileName) => ({
      text: `User profile ${UserProfileName}`,
      run: async () => {
        const named = { DomainId: domainId.current, UserProfileName };
        await sagemaker.send(CreateUserProfileCommand, named);
      },
    })),
  ];
}
