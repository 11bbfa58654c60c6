// One policy: its text to be read or changed, checked while one types, saved after a look at what
// changes. What is typed survives a reload; what somebody else saved meanwhile is not overwritten unseen.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "~/aws/useAction";
import { useGathered } from "~/aws/useCall";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { nameOf } from "~/format/arn";
import { useDraft } from "~/page/useDraft";
import { Copy } from "~/parts/Copy";
import { InnerButton } from "~/parts/InnerButton";
import { View } from "~/views/View";
import type { PolicyItem } from "./account";
import { JsonEditor } from "./JsonEditor";
import { SaveDialog } from "./SaveDialog";
import {
  deletePolicy,
  goingVersion,
  named,
  type PolicyText,
  readPolicy,
  writePolicy,
} from "./texts";
import { useLint } from "./useLint";

interface PolicyEditorProps {
  id: string;
  /** What the list knows of it; undefined where the list may not be seen. */
  item: PolicyItem | undefined;
  line: number;
  onClose: () => void;
}

export function PolicyEditor({ id, item, line, onClose }: PolicyEditorProps) {
  const text = useGathered(`iam text ${id}`, (signal) => readPolicy(id, signal));
  const { kind, holderKind, holder, policy } = named(id);
  const title = kind === "managed" ? nameOf(id) : policy;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            kind === "managed" ? (
              <Copy text={id} what="The ARN" />
            ) : (
              `Of the ${holderKind} ${holder}`
            )
          }
          actions={<Button onClick={onClose}>Back to the list</Button>}
        >
          {title}
        </Header>
      }
    >
      <View of={text} what={`the policy ${title}`}>
        {(found) => (
          <Editing
            key={id}
            id={id}
            title={title}
            item={item}
            found={found}
            line={line}
            onClose={onClose}
          />
        )}
      </View>
    </Container>
  );
}

interface EditingProps extends PolicyEditorProps {
  title: string;
  found: PolicyText;
}

function Editing({ id, title, item, found, line, onClose }: EditingProps) {
  const [draft, change, forget] = useDraft(`policy.${id}`, { text: found.text, base: found.text });
  const [dialog, setDialog] = useState<"save" | "delete" | null>(null);
  const { kind, holderKind, holder } = named(id);
  const isReadOnly = item?.kind === "aws" || id.startsWith("arn:aws:iam::aws:");
  const lint = useLint(draft.text, kind === "trust");
  const isChanged = draft.text !== found.text;
  const isOvertaken = draft.base !== found.text && isChanged;
  const save = useAction(
    async () => {
      await writePolicy(id, draft.text, found);
      change({ base: draft.text });
    },
    { renews: "iam", done: () => `Policy ${title} was saved. It holds from now on.` },
  );
  const remove = useAction(() => deletePolicy(id), {
    renews: "iam",
    done: () => `Policy ${title} was deleted.`,
  });
  const start = () => change({ text: found.text, base: found.text });
  const caller = item?.holders[0]?.arn;
  return (
    <SpaceBetween size="m">
      {isReadOnly && (
        <Alert type="info">This policy is AWS's: it can be read and attached, not changed.</Alert>
      )}
      {isOvertaken && (
        <Alert
          type="warning"
          header="Somebody saved this policy meanwhile"
          action={<Button onClick={start}>Take what is saved now</Button>}
        >
          What you typed began from an older text. Saving shows what would change against the
          newest.
        </Alert>
      )}
      {kind === "managed" && item && item.holders.length > 0 && (
        <Box color="text-body-secondary">
          Binds {item.holders.map((one) => `${one.kind} ${one.name}`).join(", ")}
          {found.version ? `. Version ${found.version} is in force` : ""}.
        </Box>
      )}
      <JsonEditor
        label={`Policy ${title}`}
        text={draft.text}
        onChange={(text) => change(isChanged ? { text } : { text, base: found.text })}
        lint={lint}
        isReadOnly={isReadOnly}
        line={line}
      />
      <SpaceBetween direction="horizontal" size="xs">
        {!isReadOnly && (
          <Button variant="primary" disabled={!isChanged} onClick={() => setDialog("save")}>
            Look and save
          </Button>
        )}
        {!isReadOnly && (
          <Button disabled={!isChanged} onClick={start}>
            Undo all
          </Button>
        )}
        {caller && kind !== "trust" && (
          <InnerButton to={`/access?tab=simulator&principal=${encodeURIComponent(caller)}`}>
            Simulate
          </InnerButton>
        )}
        {!isReadOnly && kind !== "trust" && (
          <Button onClick={() => setDialog("delete")}>Delete policy</Button>
        )}
      </SpaceBetween>
      {dialog === "save" && (
        <SaveDialog
          title={`Save ${title}?`}
          before={found.text}
          after={draft.text}
          lint={lint}
          word={item && !item.isMine ? "" : title}
          going={goingVersion(found)}
          action={save}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === "delete" && (
        <TypedDelete
          title={`Delete policy ${title}?`}
          word={title}
          action={remove}
          onClose={() => {
            setDialog(null);
            if (!remove.problem) forget();
            onClose();
          }}
        >
          {kind === "managed"
            ? "All its versions go. It must not be attached to anybody."
            : `The ${holderKind} ${holder} loses what it allows, and what it denies is denied no more.`}
        </TypedDelete>
      )}
    </SpaceBetween>
  );
}
