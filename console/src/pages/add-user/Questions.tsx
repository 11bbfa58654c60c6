// What the wizard asks, before anything is made.
import type { DescribeDomainResponse } from "@aws-sdk/client-sagemaker";
import Wizard from "@cloudscape-design/components/wizard";
import { useNavigate } from "react-router";
import type { Holder } from "~/people/making/policies";
import { useWizard } from "~/wizard/useWizard";
import { CHECKS, type Draft } from "./draft";
import { GeneralStep } from "./GeneralStep";
import { ReviewStep } from "./ReviewStep";
import { SettingsStep } from "./SettingsStep";
import { SignInStep } from "./SignInStep";

interface QuestionsProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  forget: () => void;
  domain: DescribeDomainResponse;
  holder: Holder;
  onSubmit: () => void;
}

export function Questions(props: QuestionsProps) {
  const { draft, change, forget, domain, holder, onSubmit } = props;
  const navigate = useNavigate();
  const { at, troubles, go } = useWizard(draft, CHECKS);
  const given = { draft, change, troubles, domain };
  return (
    <Wizard
      activeStepIndex={at}
      onNavigate={({ detail }) => go(detail.requestedStepIndex)}
      onCancel={() => {
        forget();
        navigate(`/domains/${holder.domainId}?tab=users`);
      }}
      onSubmit={onSubmit}
      submitButtonText="Add user"
      steps={[
        { title: "General", content: <GeneralStep {...given} /> },
        { title: "Sign-in", content: <SignInStep {...given} /> },
        { title: "Settings", content: <SettingsStep {...given} /> },
        { title: "Review", content: <ReviewStep {...given} holder={holder} onEdit={go} /> },
      ]}
    />
  );
}
