// An encoded authorization message, opened by STS.
import { DecodeAuthorizationMessageCommand } from "@aws-sdk/client-sts";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { sts } from "~/aws/services/sts";
import { useCall } from "~/aws/useCall";
import { Code } from "~/parts/Code";
import { View } from "~/views/View";

interface Told {
  explicitDeny?: boolean;
  context?: { principal?: { arn?: string }; action?: string; resource?: string };
}

export function Encoded({ message }: { message: string }) {
  const answer = useCall(sts, DecodeAuthorizationMessageCommand, { EncodedMessage: message });
  return (
    <View of={answer} what="the reason in this message">
      {({ DecodedMessage = "{}" }) => <Decoded text={DecodedMessage} />}
    </View>
  );
}

function Decoded({ text }: { text: string }) {
  const told = JSON.parse(text) as Told;
  const whole = JSON.stringify(told, null, 2);
  const { principal, action, resource } = told.context ?? {};
  return (
    <Container header={<Header variant="h2">What the message says</Header>}>
      <SpaceBetween size="m">
        <KeyValuePairs
          columns={2}
          items={[
            {
              label: "Decision",
              value: told.explicitDeny ? "Denied explicitly" : "Nothing allows it",
            },
            { label: "Action", value: action ?? "-" },
            { label: "Resource", value: <span className="break">{resource ?? "-"}</span> },
            { label: "Who", value: <span className="break">{principal?.arn ?? "-"}</span> },
          ]}
        />
        <Code text={whole} what="The message" />
      </SpaceBetween>
    </Container>
  );
}
