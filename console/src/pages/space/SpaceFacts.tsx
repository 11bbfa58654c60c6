// What a space is, and the two things that its people change: its name as shown and its size.
import { type DescribeSpaceResponse, UpdateSpaceCommand } from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useState } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { EditDialog } from "~/dialogs/EditDialog";
import { Copy } from "~/parts/Copy";
import { InnerLink } from "~/parts/InnerLink";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";

export function SpaceFacts({ space }: { space: DescribeSpaceResponse }) {
  const [isEditing, setEditing] = useState(false);
  const { DomainId, SpaceName } = space;
  const size = space.SpaceSettings?.SpaceStorageSettings?.EbsStorageSettings?.EbsVolumeSizeInGb;
  const person = space.OwnershipSettings?.OwnerUserProfileName;
  const save = useAction(
    (values: Record<string, string>) =>
      sagemaker.send(UpdateSpaceCommand, {
        DomainId,
        SpaceName,
        SpaceDisplayName: values.name || undefined,
        ...(values.size ? { SpaceSettings: sized(Number(values.size)) } : {}),
      }),
    { done: () => `Space ${SpaceName} was changed.` },
  );
  return (
    <Container
      header={
        <Header variant="h2" actions={<Button onClick={() => setEditing(true)}>Edit</Button>}>
          Details
        </Header>
      }
    >
      <KeyValuePairs
        columns={3}
        minColumnWidth={220}
        items={[
          { label: "Status", value: <Status status={space.Status} /> },
          {
            label: "Owner",
            value: person ? (
              <InnerLink to={`/domains/${DomainId}/users/${person}`}>{person}</InnerLink>
            ) : (
              "Everybody of the domain"
            ),
          },
          { label: "Sharing", value: space.SpaceSharingSettings?.SharingType ?? "Shared" },
          { label: "Size of its volume", value: size ? `${size} GB` : "As the settings say" },
          { label: "Created", value: <When at={space.CreationTime} /> },
          { label: "Last modified", value: <When at={space.LastModifiedTime} /> },
          { label: "Name", value: SpaceName },
          { label: "ARN", value: <Copy text={space.SpaceArn ?? ""} what="The ARN" /> },
          { label: "What went wrong", value: space.FailureReason ?? "Nothing" },
        ]}
      />
      {isEditing && (
        <EditDialog
          title={`Edit ${SpaceName}`}
          fields={[
            { id: "name", label: "Name as shown", value: space.SpaceDisplayName ?? "" },
            {
              id: "size",
              label: "Size of its volume (GB)",
              hint: "It can only grow, and takes effect when the app starts next.",
              value: size ? String(size) : "",
              isNumber: true,
            },
          ]}
          action={save}
          onClose={() => setEditing(false)}
        />
      )}
    </Container>
  );
}

function sized(gigabytes: number) {
  return { SpaceStorageSettings: { EbsStorageSettings: { EbsVolumeSizeInGb: gigabytes } } };
}
