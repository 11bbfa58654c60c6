// A resource's tags: shown, added and removed; the automatic ones stay as they are.
import { AddTagsCommand, DeleteTagsCommand, ListTagsCommand } from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useState } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { usePages } from "~/aws/useCall";
import { TagsDialog } from "~/dialogs/TagsDialog";
import { View } from "~/views/View";

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
          what={what}
          before={(tags.data ?? []).filter(({ Key }) => !Key?.startsWith(AUTOMATIC))}
          put={(Tags) => sagemaker.send(AddTagsCommand, { ResourceArn: arn, Tags })}
          take={(TagKeys) => sagemaker.send(DeleteTagsCommand, { ResourceArn: arn, TagKeys })}
          onClose={() => setEditing(false)}
        />
      )}
    </Container>
  );
}
