// One call explained: what policy was asked, which statement answered, what it would say today, and
// the statement that would allow it.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { localTime, utcTime } from "~/format/time";
import { Code } from "~/parts/Code";
import { InnerButton } from "~/parts/InnerButton";
import { type Decision, refusalOf, type Seen } from "~/trail/event";
import { OutcomeStatus } from "~/trail/OutcomeStatus";
import { policyLink, simulatorLink } from "../links";
import { Today } from "./Today";

export function Explanation({ of }: { of: Seen }) {
  const decision = refusalOf(of) ?? of.decisions.at(-1);
  const principal = of.role || of.arn;
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <InnerButton to={`/activity?event=${encodeURIComponent(of.id)}`}>
                The event
              </InnerButton>
              {decision && isSimulated(principal) && (
                <InnerButton
                  to={simulatorLink({ principal, ...decision, context: of.conditionKeys })}
                >
                  Simulate it
                </InnerButton>
              )}
              <PolicyButton decision={decision} principal={principal} />
            </SpaceBetween>
          }
        >
          {of.service}:{of.name}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <Answer of={of} decision={decision} />
        <KeyValuePairs
          columns={2}
          items={[
            { label: "Outcome", value: <OutcomeStatus of={of} /> },
            { label: "When", value: `${localTime(of.at)} (${utcTime(of.at)})` },
            { label: "Who", value: <span className="break">{of.arn || of.who}</span> },
            {
              label: "App or job",
              value: <span className="break">{of.origin || "None: from outside"}</span>,
            },
            { label: "Action", value: decision?.action ?? "-" },
            {
              label: "Resource",
              value: <span className="break">{decision?.resource ?? "-"}</span>,
            },
          ]}
        />
        {of.outcome === "refused" && decision && isSimulated(principal) && (
          <Today principal={principal} decision={decision} context={of.conditionKeys} />
        )}
        {of.outcome === "refused" && decision?.effect === "implicitDeny" && <Cure of={decision} />}
        {of.decisions.length > 1 && <Decisions of={of.decisions} />}
        <ConditionKeys of={of.conditionKeys} />
      </SpaceBetween>
    </Container>
  );
}

/** Who has identity policies that a simulation can ask: not the root, not a service. */
const isSimulated = (arn: string): boolean => /:iam::\d+:(user|role)\//.test(arn);

function Answer({ of, decision }: { of: Seen; decision: Decision | undefined }) {
  if (of.outcome === "refused") {
    return (
      <Alert type="error" header={decision ? sentence(decision.says) : "It was refused"}>
        <span className="break">{of.errorMessage}</span>
      </Alert>
    );
  }
  if (of.outcome === "failed") {
    return (
      <Alert type="warning" header={`Policy did not stand in the way: ${of.errorCode}`}>
        <span className="break">{of.errorMessage}</span>
      </Alert>
    );
  }
  return (
    <Alert type="success" header="It was not refused">
      {decision ? sentence(decision.says) : "No policy was asked."}
    </Alert>
  );
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function PolicyButton({
  decision,
  principal,
}: {
  decision: Decision | undefined;
  principal: string;
}) {
  const link = decision?.policy ? policyLink(decision.policy, principal) : "";
  return link ? <InnerButton to={link}>Open the policy</InnerButton> : null;
}

function Cure({ of }: { of: Decision }) {
  const layers = of.missing?.length ? of.missing : [of.layer ?? "identity"];
  const text = JSON.stringify(
    { Effect: "Allow", Action: of.action, Resource: of.resource },
    null,
    2,
  );
  return (
    <ExpandableSection headerText="What would allow it" defaultExpanded>
      <SpaceBetween size="xs">
        <span>
          This statement, in {layers.map((layer) => WORDS[layer] ?? layer).join(" and in ")}. Give
          no more than is needed.
        </span>
        <Code text={text} what="The statement" />
      </SpaceBetween>
    </ExpandableSection>
  );
}

const WORDS: Record<string, string> = {
  identity: "a policy of the caller",
  resource: "the resource's policy",
  trust: "the role's trust policy",
  boundary: "the caller's permissions boundary",
  session: "the session's policy",
};

function Decisions({ of }: { of: Decision[] }) {
  return (
    <ExpandableSection headerText={`All ${of.length} questions that policy was asked`}>
      <Table<Decision>
        variant="embedded"
        wrapLines
        items={of}
        ariaLabels={{ tableLabel: "Questions that policy was asked" }}
        columnDefinitions={[
          { id: "action", header: "Action", isRowHeader: true, cell: (one) => one.action },
          {
            id: "resource",
            header: "Resource",
            cell: (one) => <span className="break">{one.resource}</span>,
          },
          {
            id: "says",
            header: "Answer",
            cell: (one) => <span className="break">{one.says}</span>,
          },
        ]}
      />
    </ExpandableSection>
  );
}

function ConditionKeys({ of }: { of: Record<string, unknown> }) {
  const entries = Object.entries(of);
  if (!entries.length) return null;
  return (
    <ExpandableSection headerText="Condition keys of the call">
      <Box>
        {entries.map(([name, value]) => (
          <div key={name} className="break">
            <code>{name}</code> = {Array.isArray(value) ? value.join(", ") : String(value)}
          </div>
        ))}
      </Box>
    </ExpandableSection>
  );
}
