// Steps that run, each with its state; where one failed, why, and the way on.
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Steps } from "~/aws/useSteps";
import { StepList } from "~/parts/StepList";
import { ProblemText } from "~/views/ProblemText";

interface DoingProps {
  title: string;
  of: Steps;
  onGoOn: () => void;
  /** Back to what was typed; what was made stays. */
  onBack: () => void;
}

export function Doing({ title, of, onGoOn, onBack }: DoingProps) {
  return (
    <Container header={<Header variant="h2">{title}</Header>}>
      <SpaceBetween size="l">
        <StepList steps={of.steps} />
        {of.problem && (
          <Alert
            type="error"
            header={of.problem.code}
            action={<Button onClick={onGoOn}>Go on</Button>}
          >
            <SpaceBetween size="xs">
              <ProblemText problem={of.problem} />
              <span>What is done stays; "Go on" begins with the step that failed.</span>
            </SpaceBetween>
          </Alert>
        )}
        {of.problem && <Button onClick={onBack}>Change what was typed</Button>}
      </SpaceBetween>
    </Container>
  );
}
