// Before a policy is kept: what changes, line by line; and a typed word where one lives by it oneself.
import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import type { Action } from "~/aws/useAction";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { diff } from "./diff";
import type { Lint } from "./useLint";

interface SaveDialogProps {
  title: string;
  before: string;
  after: string;
  lint: Lint;
  /** What must be typed; "" where no word is needed. */
  word: string;
  /** The version that goes so that this one may come. */
  going: string | undefined;
  action: Action<[]>;
  onClose: () => void;
}

export function SaveDialog(given: SaveDialogProps) {
  const { title, before, after, lint, word, going, action, onClose } = given;
  const [typed, setTyped] = useState("");
  return (
    <ActionDialog
      title={title}
      verb="Save"
      action={action}
      isReady={!word || typed === word}
      isLarge
      onGo={async () => (await action.run()) && onClose()}
      onClose={onClose}
    >
      <Difference before={before} after={after} />
      {lint.findings.length > 0 && (
        <Alert type="warning" header="Access Analyzer has findings">
          {lint.findings.map((one) => (
            <div key={`${one.code} ${one.start}`} className="break">
              Line {one.line}: {one.details}
            </div>
          ))}
        </Alert>
      )}
      {going && <Alert type="info">A policy keeps five versions: {going}, the oldest, goes.</Alert>}
      {word && (
        <>
          <Alert type="warning" header="You live by this policy">
            A mistake in it may take away what you need to mend it. Only another administrator or
            the root could then help.
          </Alert>
          <FormField label={`To confirm, type ${word}`}>
            <Input
              value={typed}
              onChange={({ detail }) => setTyped(detail.value)}
              autoComplete={false}
              spellcheck={false}
            />
          </FormField>
        </>
      )}
    </ActionDialog>
  );
}

function Difference({ before, after }: { before: string; after: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="diff" aria-label="What changes" tabIndex={0}>
      {diff(before, after).map((line, at) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names, and do not move
          key={at}
          className={`diff-line ${line.sign === "-" ? "diff-gone" : line.sign === "+" ? "diff-new" : ""}`}
        >
          {line.sign} {line.text}
        </div>
      ))}
    </section>
  );
}
