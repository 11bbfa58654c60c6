// Tags of a person: policies may ask for them as aws:PrincipalTag.
import { type Tag, TagUserCommand, UntagUserCommand } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useState } from "react";
import { iam } from "~/aws/services/iam";
import { useAction } from "~/aws/useAction";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { TagFields } from "~/parts/TagFields";
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
      {isEditing && <Edit userName={userName} before={tags} onClose={() => edit(false)} />}
    </Box>
  );
}

function Edit(given: { userName: string; before: Tag[]; onClose: () => void }) {
  const { userName: UserName, before, onClose } = given;
  const [tags, setTags] = useState(() =>
    before.map(({ Key = "", Value = "" }) => ({ key: Key, value: Value })),
  );
  const save = useAction(
    async () => {
      const kept = tags.filter(({ key }) => key);
      const Tags = kept.map(({ key, value }) => ({ Key: key, Value: value }));
      const TagKeys = before
        .map(({ Key = "" }) => Key)
        .filter((old) => kept.every(({ key }) => key !== old));
      if (TagKeys.length) await iam.send(UntagUserCommand, { UserName, TagKeys });
      if (Tags.length) await iam.send(TagUserCommand, { UserName, Tags });
    },
    { done: () => `The tags of ${UserName} were changed.`, renews: "iam" },
  );
  return (
    <ActionDialog
      title={`Tags of ${UserName}`}
      verb="Save"
      action={save}
      onGo={async () => (await save.run()) && onClose()}
      onClose={onClose}
    >
      <TagFields tags={tags} onChange={setTags} />
    </ActionDialog>
  );
}
