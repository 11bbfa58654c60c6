// What an administrator gives to a person: where to sign in, as whom, and the password of the first
// time, which is shown this once and kept nowhere.
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useRef, useState } from "react";
import { useAnnounce } from "~/page/announcer";
import { Copy } from "~/parts/Copy";
import { copyText } from "~/parts/copyText";
import type { Made } from "./steps";

interface HandOverProps {
  made: Made;
  title: string;
  /** Where to go from here. */
  actions: ReactNode;
}

export function HandOver({ made, title, actions }: HandOverProps) {
  const { userName, password } = made;
  return (
    <Container header={<Header variant="h2">{title}</Header>}>
      <SpaceBetween size="l">
        {password ? (
          <Alert type="warning" header="The password is shown once">
            It is kept nowhere. Give it to {userName} by a way that only they read; it must be
            replaced at the first sign-in. Who loses it gets another on the person's page.
          </Alert>
        ) : (
          <Alert type="success">{userName} signs in as before.</Alert>
        )}
        <Words made={made} />
        {actions}
      </SpaceBetween>
    </Container>
  );
}

const ADDRESS = "/console/sign-in?by=password"; // the form opens on name and password

export function Words({ made: { userName, password } }: { made: Made }) {
  const address = `${location.origin}${ADDRESS}`;
  const lines = [`Address: ${address}`, `User name: ${userName}`];
  if (password) lines.push(`One-time password: ${password}`);
  const items = [
    { label: "Address", value: <Copy text={address} what="The address" /> },
    { label: "User name", value: <Copy text={userName} what="The user name" /> },
  ];
  if (password) {
    items.push({
      label: "One-time password",
      value: <Copy text={password} what="The one-time password" />,
    });
  }
  return (
    <SpaceBetween size="m">
      <KeyValuePairs columns={3} minColumnWidth={220} items={items} />
      <CopyAll text={lines.join("\n")} />
    </SpaceBetween>
  );
}

function CopyAll({ text }: { text: string }) {
  const announce = useAnnounce();
  const [isDone, setDone] = useState(false);
  const [isByHand, setByHand] = useState(false);
  const place = useRef<HTMLPreElement>(null);
  async function copy(): Promise<void> {
    const done = await copyText(text);
    setDone(done);
    setByHand(!done);
    announce(done ? "All was copied." : "Copy the text below by hand.");
  }
  return (
    <SpaceBetween size="xs">
      <Button iconName={isDone ? "status-positive" : "copy"} onClick={() => void copy()}>
        {isDone ? "Copied" : "Copy all"}
      </Button>
      {isByHand && (
        <pre className="code" ref={place}>
          {text}
        </pre>
      )}
    </SpaceBetween>
  );
}
