// Approve or reject a version, with a comment that stays with it.
import { UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { cliCommand } from "~/format/cli";
import { CliCommand } from "~/parts/CliCommand";
import { ProblemText } from "~/views/ProblemText";

export type Answer = "Approved" | "Rejected";

interface DecideDialogProps {
  arn: string;
  name: string;
  answer: Answer;
  onClose: () => void;
}

const COMMENT_MAX = 1024; // API reference, ApprovalDescription

export function DecideDialog({ arn, name, answer, onClose }: DecideDialogProps) {
  const [comment, setComment] = useState("");
  const input = {
    ModelPackageArn: arn,
    ModelApprovalStatus: answer,
    ...(comment ? { ApprovalDescription: comment } : {}),
  };
  const decide = useAction(() => sagemaker.send(UpdateModelPackageCommand, input), {
    done: () => `${name} was ${answer.toLowerCase()}.`,
    renews: "sagemaker",
  });
  const verb = answer === "Approved" ? "Approve" : "Reject";
  return (
    <Modal
      visible
      header={`${verb} ${name}?`}
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button
              variant="primary"
              loading={decide.isRunning}
              onClick={async () => (await decide.run()) && onClose()}
            >
              {verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {decide.problem && (
          <Alert type="error" header={decide.problem.code}>
            <ProblemText problem={decide.problem} />
          </Alert>
        )}
        <FormField
          label={
            <>
              Comment <i>- optional</i>
            </>
          }
          description="Why, for who looks later."
        >
          <Textarea
            value={comment}
            rows={3}
            autoFocus
            onChange={({ detail }) => setComment(detail.value.slice(0, COMMENT_MAX))}
          />
        </FormField>
        <CliCommand command={cliCommand("sagemaker", "UpdateModelPackage", input)} />
      </SpaceBetween>
    </Modal>
  );
}
