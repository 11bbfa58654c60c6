// Tags of a person: policies may ask for them as aws:PrincipalTag.
import { type Tag, TagUserCommand, UntagUserCommand } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useState } from "react";
import { iam } from "~/aws/services/iam";
import { TagsDialog } from "~/dialogs/TagsDialog";
import { Box, Note } from "./Box";

export function UserTags({ userName, tags }: { userName: string; tags: Tag[] }) {
  const [isEditing, edit] = useState(false);
  return (
    <Box
      title="Tags"
      description="Policies may ask for them as aws:PrincipalTag."
      actions={
        <Button ariaLabel={`Edit tags of ${userName}`} onClick={() => edit(true)}>
          Edit tags
        </Button>
      }
    >
      {tags.length ? (
        <KeyValuePairs
          columns={2}
          items={tags.map(({ Key, Value }) => ({
            label: Key ?? "",
            value: <span className="break">{Value || "(empty)"}</span>,
          }))}
        />
      ) : (
        <Note>No tags yet.</Note>
      )}
      {isEditing && (
        <TagsDialog
          what={userName}
          before={tags}
          put={(Tags) => iam.send(TagUserCommand, { UserName: userName, Tags })}
          take={(TagKeys) => iam.send(UntagUserCommand, { UserName: userName, TagKeys })}
          onClose={() => edit(false)}
        />
      )}
    </Box>
  );
}
