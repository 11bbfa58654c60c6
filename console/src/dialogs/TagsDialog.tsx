// Tags of something: added, changed and taken away together.
import { useState } from "react";
import { useAction } from "~/aws/useAction";
import { TagFields } from "~/parts/TagFields";
import { ActionDialog } from "./ActionDialog";

interface Tag {
  Key?: string | undefined;
  Value?: string | undefined;
}

interface TagsDialogProps {
  what: string;
  /** Those that may be changed here. */
  before: Tag[];
  /** `gone`: keys that were there and are no more. Neither is asked for where there is none. */
  put: (tags: Array<{ Key: string; Value: string }>) => Promise<unknown>;
  take: (gone: string[]) => Promise<unknown>;
  onClose: () => void;
}

export function TagsDialog({ what, before, put, take, onClose }: TagsDialogProps) {
  const [tags, setTags] = useState(() =>
    before.map(({ Key = "", Value = "" }) => ({ key: Key, value: Value })),
  );
  const save = useAction(
    async () => {
      const kept = tags.filter(({ key }) => key);
      const gone = before
        .map(({ Key = "" }) => Key)
        .filter((old) => kept.every(({ key }) => key !== old));
      if (gone.length) await take(gone);
      if (kept.length) await put(kept.map(({ key, value }) => ({ Key: key, Value: value })));
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
