// Which role, idle time and network hold for a person's or a space's apps, and who said so.
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
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
        items={[
          {
            label: "Execution role",
            value: role.value ? (
              <Copy text={role.value} what="The role's ARN" />
            ) : (
              "None: apps do not start"
            ),
            info: role.from ? <From whose={role.from} /> : undefined,
          },
          {
            label: "Idle shutdown",
            value: idle.value === undefined ? "Off" : `After ${idle.value} minutes`,
            info: <From whose={idle.from} />,
          },
          {
            label: "Instance type",
            value: instance.value ?? "ml.t3.medium",
            info: <From whose={instance.from} />,
          },
          {
            label: "Size of a space",
            value: `${size.value ?? SIZE_DEFAULT} GB`,
            info: <From whose={size.from} />,
          },
          {
            label: "Lifecycle configuration",
            value: script.value ? (
              <Copy text={script.value} what="The configuration's ARN" />
            ) : (
              "None"
            ),
            info: <From whose={script.from} />,
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

/** "from the user profile ana": stands beside the label. */
function From({ whose }: { whose: string }) {
  return <small className="aside">{whose ? `from ${whose}` : "nobody set it"}</small>;
}
