// Why was it refused? By request id, by an encoded message, or by choosing a refused call of the last
// hour: the decision with its statement, what policy would say today, and what would allow it.
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { useGathered } from "~/aws/useCall";
import { useUrlState } from "~/page/urlState";
import { eventOf } from "~/trail/lookUp";
import { Empty } from "~/views/Empty";
import { View } from "~/views/View";
import { Encoded } from "./Encoded";
import { Explanation } from "./Explanation";
import { RefusedCalls } from "./RefusedCalls";

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
const ENCODED = /[A-Za-z0-9_\-+/=.]{80,}/; // longer than any id or name that a message holds

export function ExplainTab() {
  const [request, setRequest] = useUrlState("request", "", { push: true });
  const [typed, setTyped] = useState(request);
  const [message, setMessage] = useState("");
  const [trouble, setTrouble] = useState("");

  /** Whatever is pasted: an id, an encoded message, or a whole error that holds one of them. */
  function go(): void {
    const text = typed.trim();
    const encoded = ENCODED.exec(text)?.[0] ?? "";
    const id = ID.exec(text)?.[0] ?? (/^\S{1,64}$/.test(text) ? text : "");
    setTrouble(encoded || id ? "" : "This holds neither a request id nor an encoded message.");
    setMessage(encoded);
    setRequest(encoded ? "" : id);
  }

  function choose(id: string): void {
    setTyped(id);
    setMessage("");
    setRequest(id);
  }

  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" description="Every refusal names the statement that made it.">
            Explain a refusal
          </Header>
        }
      >
        <SpaceBetween size="m">
          <FormField
            label="Request id, error or encoded message"
            description="A whole error text will do. EC2's refusals carry their reason as an encoded message."
            errorText={trouble}
          >
            <Textarea
              value={typed}
              rows={2}
              spellcheck={false}
              onChange={({ detail }) => setTyped(detail.value)}
            />
          </FormField>
          <Button variant="primary" onClick={go} disabled={!typed.trim()}>
            Explain
          </Button>
        </SpaceBetween>
      </Container>
      {message && <Encoded message={message} />}
      {request && <ByRequest id={request} />}
      <RefusedCalls onChoose={choose} />
    </SpaceBetween>
  );
}

function ByRequest({ id }: { id: string }) {
  const event = useGathered(`cloudtrail event ${id}`, async (signal) => [
    await eventOf(id, signal),
  ]);
  return (
    <View
      of={event}
      what={`the event ${id}`}
      isEmpty={([found]) => !found}
      empty={
        <Container>
          <Empty title="No event has this id">
            The history does not hold {id}, or it is of somebody whom you may not see. It takes up
            to a second until a call stands there.
          </Empty>
        </Container>
      }
    >
      {([found]) => found && <Explanation of={found} />}
    </View>
  );
}
