// Settings that are on or off, each with what it does. Off is asked again: it opens what was closed.
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useState } from "react";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { OFF, type Settings, type Switch, useSet } from "./settings";

interface SwitchesBoxProps {
  title: string;
  note: string;
  switches: Switch[];
  settings: Settings;
  /** The words of a button for all of them; without it there is none. */
  all?: string;
}

export function SwitchesBox({ title, note, switches, settings, all }: SwitchesBoxProps) {
  const [closing, close] = useState<Switch>();
  const set = useSet((changes) => said(switches, changes));
  const isOn = ({ name }: Switch) => settings.get(name) === "on";
  const off = switches.filter((one) => !isOn(one));
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={note}
          actions={
            all && (
              <Button
                disabled={!off.length || set.isRunning}
                onClick={() => void set.run(off.map(({ name }) => [name, "on"]))}
              >
                {all}
              </Button>
            )
          }
        >
          {title}
        </Header>
      }
    >
      <SpaceBetween size="m">
        {switches.map((one) => (
          <Toggle
            key={one.name}
            checked={isOn(one)}
            description={one.description}
            disabled={set.isRunning}
            onChange={({ detail }) => {
              if (detail.checked) void set.run([[one.name, "on"]]);
              else close(one);
            }}
          >
            {one.label}
          </Toggle>
        ))}
      </SpaceBetween>
      {closing && (
        <ActionDialog
          title={`Switch off: ${closing.label}`}
          verb="Switch off"
          action={set}
          onGo={async () => {
            if (await set.run([[closing.name, OFF]])) close(undefined);
          }}
          onClose={() => close(undefined)}
        >
          <p>{closing.description}</p>
        </ActionDialog>
      )}
    </Container>
  );
}

function said(switches: Switch[], changes: Array<[string, string]>): string {
  if (changes.length > 1) return "All of them are on.";
  const [name, value] = changes[0] ?? ["", ""];
  return `${switches.find((one) => one.name === name)?.label}: ${value}.`;
}
