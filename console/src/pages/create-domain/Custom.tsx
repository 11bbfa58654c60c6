// The custom wizard: the seven steps of AWS's, each checked as the API would, and a review with the
// commands. What was typed, and what was made, survives reloading and a lost connection (`useDraft`).
import { DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useNavigate } from "react-router";
import { renewAll } from "~/aws/cache";
import { ec2 } from "~/aws/services/ec2";
import { usePages } from "~/aws/useCall";
import { useSteps } from "~/aws/useSteps";
import { useNotices } from "~/page/notices";
import { useDraft } from "~/page/useDraft";
import { StepList } from "~/parts/StepList";
import { useIdentity } from "~/session/useSession";
import { ProblemText } from "~/views/ProblemText";
import { useWizard } from "~/wizard/useWizard";
import { customPlan, NOTHING_MADE } from "./customPlan";
import { CHECKS, type Draft, EMPTY } from "./draft";
import { AppsStep } from "./steps/AppsStep";
import { DetailsStep } from "./steps/DetailsStep";
import { LookStep } from "./steps/LookStep";
import { NetworkStep } from "./steps/NetworkStep";
import { PeopleStep } from "./steps/PeopleStep";
import { ReviewStep } from "./steps/ReviewStep";
import { StorageStep } from "./steps/StorageStep";

export function Custom() {
  const navigate = useNavigate();
  const notices = useNotices();
  const [draft, setDraft, forget] = useDraft("custom-domain", EMPTY);
  const { at, troubles, go } = useWizard(draft, CHECKS);
  const [made, keep, forgetMade] = useDraft("custom-domain-made", NOTHING_MADE);
  const making = useSteps();
  const { accountId, region } = useIdentity();
  const inVpc = { Filters: [{ Name: "vpc-id", Values: [draft.vpc] }] };
  const subnets = usePages(ec2, DescribeSubnetsCommand, inVpc, "Subnets", { skip: !draft.vpc });
  const known = {
    accountId,
    region,
    subnets: (subnets.data ?? []).map((one) => one.SubnetId ?? ""),
  };
  const change = (part: Partial<Draft>) => {
    setDraft(part);
    making.reset();
  };
  const given = { draft, change, troubles };
  const isAsking = at === CHECKS.length - 1 && draft.vpc !== "" && !subnets.at && !subnets.problem;

  function leave(to: string): void {
    forget();
    forgetMade();
    navigate(to);
  }

  async function create(): Promise<void> {
    let { domainId } = made;
    const note = (now: typeof made) => {
      domainId = now.domainId;
      keep(now);
    };
    const isDone = await making.go(customPlan(draft, known, made, note));
    renewAll();
    if (!isDone) return;
    notices.success(`Domain ${draft.name} was created.`);
    leave(`/domains/${domainId}`);
  }

  return (
    <Wizard
      activeStepIndex={at}
      onNavigate={({ detail }) => go(detail.requestedStepIndex)}
      onCancel={() => leave("/domains")}
      onSubmit={() => void create()}
      isLoadingNextStep={making.isRunning || isAsking}
      submitButtonText={making.problem ? "Go on" : "Create domain"}
      steps={[
        { title: "Domain details", content: <DetailsStep {...given} /> },
        { title: "Users and ML activities", content: <PeopleStep {...given} /> },
        { title: "Applications", content: <AppsStep {...given} /> },
        { title: "Customize Studio UI", content: <LookStep {...given} /> },
        { title: "Network", content: <NetworkStep {...given} /> },
        { title: "Storage", content: <StorageStep {...given} /> },
        {
          title: "Review and create",
          content: (
            <SpaceBetween size="l">
              <ReviewStep draft={draft} given={known} onEdit={go} />
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
