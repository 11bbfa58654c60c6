// Quotas: how many there may be. Nothing that is there already is taken away by a smaller one.
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useState } from "react";
import { EditDialog } from "~/dialogs/EditDialog";
import { OFF, QUOTAS, type Settings, useSet } from "./settings";

export function QuotasBox({ settings }: { settings: Settings }) {
  const [isEditing, setEditing] = useState(false);
  const set = useSet(() => "Quotas: changed.");
  const numberOf = (name: string) => settings.get(name) ?? OFF;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="What is there already stays; the next one is refused, in words that name the quota."
          actions={
            <Button ariaLabel="Edit: Quotas" onClick={() => setEditing(true)}>
              Edit
            </Button>
          }
        >
          Quotas
        </Header>
      }
    >
      <KeyValuePairs
        columns={4}
        items={QUOTAS.map(({ name, label }) => ({
          label,
          value: numberOf(name) === OFF ? "No limit" : numberOf(name),
        }))}
      />
      {isEditing && (
        <EditDialog
          title="Quotas"
          fields={QUOTAS.map(({ name, label }) => ({
            id: name,
            label,
            value: numberOf(name) === OFF ? "" : numberOf(name),
            hint: "Left empty: no limit.",
            isNumber: true,
          }))}
          action={{
            ...set,
            run: (values) =>
              set.run(
                QUOTAS.map(({ name }): [string, string] => [name, values[name] || OFF]).filter(
                  ([name, value]) => value !== numberOf(name),
                ),
              ),
          }}
          onClose={() => setEditing(false)}
        />
      )}
    </Container>
  );
}
