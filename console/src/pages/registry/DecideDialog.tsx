// Approve or reject a version, with a comment that stays with it.
import { UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import FormField from "@cloudscape-design/components/form-field";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { cliCommand } from "~/format/cli";
import { CliCommand } from "~/parts/CliCommand";

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
    <ActionDialog
      title={`${verb} ${name}?`}
      verb={verb}
      action={decide}
      onGo={async () => (await decide.run()) && onClose()}
      onClose={onClose}
    >
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
          onChange={({ detail }) => setComment(detail.value.slice(0, COMMENT_MAX))}
        />
      </FormField>
      <CliCommand command={cliCommand("sagemaker", "UpdateModelPackage", input)} />
    </ActionDialog>
  );
}
