// One way across in full: step by step, the statement that opens it, and the cure; archive it when meant.
import { UpdateFindingsCommand } from "@aws-sdk/client-accessanalyzer";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { accessanalyzer } from "~/aws/services/accessanalyzer";
import { useAction } from "~/aws/useAction";
import { Copy } from "~/parts/Copy";
import { InnerButton } from "~/parts/InnerButton";
import { When } from "~/parts/When";
import { ProblemText } from "~/views/ProblemText";
import { policyLink } from "../links";
import type { Way } from "./analysis";
import { Severity } from "./Severity";

interface WayPanelProps {
  of: Way;
  analyzerArn: string;
  onClose: () => void;
}

export function WayPanel({ of, analyzerArn, onClose }: WayPanelProps) {
  const isArchived = of.status === "ARCHIVED";
  const status = isArchived ? "ACTIVE" : "ARCHIVED";
  const update = useAction(
    () => accessanalyzer.send(UpdateFindingsCommand, { analyzerArn, ids: [of.id], status }),
    { renews: "access-analyzer" },
  );
  const link = policyLink(of.policy, of.principal);
  return (
    <Modal
      visible
      size="large"
      header={`From ${of.fromName} to ${of.toName}`}
      onDismiss={onClose}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            {of.status !== "RESOLVED" && (
              <Button loading={update.isRunning} onClick={() => void update.run()}>
                {isArchived ? "Make it active again" : "Archive: it is meant"}
              </Button>
            )}
            {link && (
              <InnerButton to={link} variant="primary">
                Open the policy
              </InnerButton>
            )}
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {update.problem && (
          <Alert type="error" header={update.problem.code}>
            <ProblemText problem={update.problem} />
          </Alert>
        )}
        {of.cure && (
          <Alert type="info" header="The cure">
            <span className="break">{of.cure}</span>
          </Alert>
        )}
        <KeyValuePairs
          columns={2}
          items={[
            { label: "What it is", value: <Severity of={of} /> },
            { label: "Known since", value: <When at={of.since} /> },
            { label: "Who", value: <Copy text={of.principal} what="The principal" /> },
            { label: "On", value: <Copy text={of.resource} what="The resource" /> },
            { label: "Kind of resource", value: `${of.resourceType}, ${of.count} alike` },
            {
              label: "Statement",
              value: (
                <span className="break">
                  {of.statement} of {of.policy}
                </span>
              ),
            },
            { label: "May do", value: <span className="break">{of.actions.join(", ")}</span> },
            {
              label: "The caller has to bring",
              value:
                of.witness.map(([name, value]) => `${name} = ${value}`).join(", ") || "Nothing",
            },
          ]}
        />
        {of.chain && (
          <div>
            <Box variant="awsui-key-label">Step by step</Box>
            <ol>
              {of.chain.split("; ").map((step) => (
                <li key={step} className="break">
                  {step}
                </li>
              ))}
            </ol>
          </div>
        )}
      </SpaceBetween>
    </Modal>
  );
}
