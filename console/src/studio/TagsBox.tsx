// A resource's tags: shown, added and removed; the automatic ones stay as they are.
import { AddTagsCommand, DeleteTagsCommand, ListTagsCommand } from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useState } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { usePages } from "~/aws/useCall";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { TagFields } from "~/parts/TagFields";
import { View } from "~/views/View";
import type { Tags } from "./OwnerLink";

const AUTOMATIC = "sagemaker:"; // keys that the server writes; its guard refuses anybody else

export function TagsBox({ arn, what }: { arn: string; what: string }) {
  const [isEditing, setEditing] = useState(false);
  const tags = usePages(sagemaker, ListTagsCommand, { ResourceArn: arn }, "Tags");
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Tags stand on the bill and decide in policies. Automatic ones are the server's."
          actions={
            <Button
              disabled={!tags.data}
              ariaLabel={`Edit tags of ${what}`}
              onClick={() => setEditing(true)}
            >
              Edit tags
            </Button>
          }
        >
          Tags
        </Header>
      }
    >
      <View
        of={tags}
        what={`the tags of ${what}`}
        isEmpty={(all) => all.length === 0}
        empty={<Box color="text-body-secondary">No tags yet.</Box>}
      >
        {(all) => (
          <KeyValuePairs
            columns={2}
            items={all.map(({ Key, Value }) => ({
              label: Key ?? "",
              value: <span className="break">{Value || "(empty)"}</span>,
            }))}
          />
        )}
      </View>
      {isEditing && (
        <TagsDialog
          arn={arn}
          what={what}
          before={tags.data ?? []}
          onClose={() => setEditing(false)}
        />
      )}
    </Container>
  );
}

interface TagsDialogProps {
  arn: string;
  what: string;
  before: Tags;
  onClose: () => void;
}

function TagsDialog({ arn, what, before, onClose }: TagsDialogProps) {
  const own = before.filter(({ Key }) => !Key?.startsWith(AUTOMATIC));
  const [tags, setTags] = useState(
    own.map(({ Key = "", Value = "" }) => ({ key: Key, value: Value })),
  );
  const save = useAction(
    async () => {
      const kept = tags.filter(({ key }) => key);
      const gone = own.flatMap(({ Key = "" }) =>
        kept.some(({ key }) => key === Key) ? [] : [Key],
      );
      const put = kept.map(({ key, value }) => ({ Key: key, Value: value }));
      if (put.length) await sagemaker.send(AddTagsCommand, { ResourceArn: arn, Tags: put });
      if (gone.length) await sagemaker.send(DeleteTagsCommand, { ResourceArn: arn, TagKeys: gone });
    },
    { done: () => `The tags of ${what} were changed.` },
  );
  return (
    <ActionDialog
      title={`Tags of ${what}`}
      verb="Save"
      action={save}
      onGo={async () => (await save.run()) && onClose()}
      onClose={onClose}
    >
      <TagFields tags={tags} onChange={setTags} />
    </ActionDialog>
  );
}
