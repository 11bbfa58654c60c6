// One event in full: who, what, on what, how it ended and why, and the record as CloudTrail writes it.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useGathered } from "~/aws/useCall";
import { localTime, utcTime } from "~/format/time";
import { Code } from "~/parts/Code";
import { Copy } from "~/parts/Copy";
import { InnerButton } from "~/parts/InnerButton";
import type { Seen } from "~/trail/event";
import { eventOf } from "~/trail/lookUp";
import { OutcomeStatus } from "~/trail/OutcomeStatus";
import { Empty } from "~/views/Empty";
import { View } from "~/views/View";

interface EventPanelProps {
  id: string;
  /** The event, if the list holds it; else it is asked for. */
  known: Seen | undefined;
  onClose: () => void;
}

export function EventPanel({ id, known, onClose }: EventPanelProps) {
  const asked = useGathered(
    `cloudtrail event ${id}`,
    async (signal) => [await eventOf(id, signal)],
    {
      skip: !!known,
    },
  );
  return (
    <Modal
      visible
      size="large"
      header={known?.name ?? "Event"}
      onDismiss={onClose}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <InnerButton to={`/access?tab=explain&request=${encodeURIComponent(id)}`}>
              Explain the decision
            </InnerButton>
            <Button variant="primary" onClick={onClose}>
              Close
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {known ? (
        <Details event={known} />
      ) : (
        <View
          of={asked}
          what={`the event ${id}`}
          isEmpty={([event]) => !event}
          empty={<Empty title="No such event">The history does not hold {id}.</Empty>}
        >
          {([event]) => event && <Details event={event} />}
        </View>
      )}
    </Modal>
  );
}

function Details({ event }: { event: Seen }) {
  const text = JSON.stringify(event.record, null, 2);
  const says = event.decisions.at(-1)?.says;
  return (
    <SpaceBetween size="m">
      <KeyValuePairs
        columns={2}
        items={[
          { label: "Call", value: `${event.service}:${event.name}` },
          { label: "Outcome", value: <OutcomeStatus of={event} /> },
          { label: "When", value: `${localTime(event.at)} (${utcTime(event.at)})` },
          { label: "Who", value: <span className="break">{event.arn || event.who}</span> },
          { label: "From", value: <span className="break">{event.address || "-"}</span> },
          {
            label: "App or job",
            value: <span className="break">{event.origin || "None: from outside"}</span>,
          },
          { label: "Request id", value: <Copy text={event.id} what="The request id" /> },
          { label: "Resources", value: <Lines of={event.resources} /> },
        ]}
      />
      {event.errorMessage && (
        <Box variant="div">
          <Box variant="awsui-key-label">Answer</Box>
          <span className="break">{event.errorMessage}</span>
        </Box>
      )}
      {says && (
        <Box variant="div">
          <Box variant="awsui-key-label">How policy decided</Box>
          <span className="break">{says}</span>
        </Box>
      )}
      <ExpandableSection headerText="The record" defaultExpanded>
        <Code text={text} what="The record" />
      </ExpandableSection>
    </SpaceBetween>
  );
}

function Lines({ of }: { of: string[] }) {
  if (!of.length) return <>-</>;
  return (
    <>
      {of.map((one) => (
        <div key={one} className="break">
          {one}
        </div>
      ))}
    </>
  );
}
