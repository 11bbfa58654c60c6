// Which role, idle time and network hold for a person's or a space's apps, and who said so.
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import type { ReactNode } from "react";
import { Copy } from "~/parts/Copy";
import { groupsOf, idleOf, instanceOf, type Layer, roleOf, told } from "./layers";

const SIZE_DEFAULT = 5; // GB, Studio's own (docs/operate/files.md)

export function InForce({ layers }: { layers: Layer[] }) {
  const role = roleOf(layers);
  const idle = idleOf(layers);
  const instance = instanceOf(layers);
  const script = told(
    layers,
    (of) => of.JupyterLabAppSettings?.DefaultResourceSpec?.LifecycleConfigArn,
  );
  const size = told(
    layers,
    (of) => of.SpaceStorageSettings?.DefaultEbsStorageSettings?.DefaultEbsVolumeSizeInGb,
  );
  const groups = groupsOf(layers);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="The narrowest setting holds: a space's over a person's, theirs over the domain's."
        >
          Settings in force
        </Header>
      }
    >
      <KeyValuePairs
        columns={3}
        minColumnWidth={220}
        items={[
          {
            label: "Execution role",
            value: (
              <Told whose={role.from}>
                {role.value ? (
                  <Copy text={role.value} what="The role's ARN" />
                ) : (
                  "None: apps do not start"
                )}
              </Told>
            ),
          },
          {
            label: "Idle shutdown",
            value: (
              <Told whose={idle.from}>
                {idle.value === undefined ? "Off" : `After ${idle.value} minutes`}
              </Told>
            ),
          },
          {
            label: "Instance type",
            value: <Told whose={instance.from}>{instance.value ?? "ml.t3.medium"}</Told>,
          },
          {
            label: "Size of a space",
            value: <Told whose={size.from}>{`${size.value ?? SIZE_DEFAULT} GB`}</Told>,
          },
          {
            label: "Lifecycle configuration",
            value: (
              <Told whose={script.from}>
                {script.value ? (
                  <Copy text={script.value} what="The configuration's ARN" />
                ) : (
                  "None"
                )}
              </Told>
            ),
          },
          {
            label: "Security groups",
            value: groups.length ? groups.join(", ") : "The domain's own only",
          },
        ]}
      />
    </Container>
  );
}

interface ToldProps {
  /** "the user profile ana"; "": nobody. */
  whose: string;
  children: ReactNode;
}

/** A value and, below it, who said so. */
function Told({ whose, children }: ToldProps) {
  return (
    <>
      <div>{children}</div>
      <small className="aside">{whose ? `from ${whose}` : "nobody set it"}</small>
    </>
  );
}
