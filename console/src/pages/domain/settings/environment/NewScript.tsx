// A new lifecycle configuration: its script pasted, or read from a file.
import { CreateStudioLifecycleConfigCommand } from "@aws-sdk/client-sagemaker";
import FileUpload from "@cloudscape-design/components/file-upload";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { nameTrouble } from "~/format/names";
import { APP_KINDS, type AppKind } from "./attached";

const BYTES_MAX = 12_288; // API reference, StudioLifecycleConfigContent: 16,384 characters of base64
const START = "#!/bin/bash\nset -eu\n";

export function NewScript({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [kind, setKind] = useState<AppKind>("JupyterLab");
  const [text, setText] = useState(START);
  const [files, setFiles] = useState<File[]>([]);
  const [isTried, setTried] = useState(false);
  const troubles = { name: nameTrouble(name), text: textTrouble(text) };
  const create = useAction(
    () =>
      sagemaker.send(CreateStudioLifecycleConfigCommand, {
        StudioLifecycleConfigName: name,
        StudioLifecycleConfigAppType: kind,
        StudioLifecycleConfigContent: base64(text),
      }),
    { done: () => `Lifecycle configuration ${name} was created.`, renews: "sagemaker" },
  );

  async function go(): Promise<void> {
    setTried(true);
    if (!troubles.name && !troubles.text && (await create.run())) onClose();
  }

  async function read(chosen: File[]): Promise<void> {
    setFiles(chosen);
    const [file] = chosen;
    if (!file) return;
    setText(await file.text());
    if (!name) setName(file.name.replace(/\.[^.]*$/, "").replace(/[^A-Za-z0-9-]+/g, "-"));
  }

  return (
    <ActionDialog
      title="Create lifecycle configuration"
      verb="Create configuration"
      isLarge
      action={create}
      onGo={() => void go()}
      onClose={onClose}
    >
      <FormField
        label="Name"
        constraintText="A script is never changed later: put its version into the name."
        errorText={isTried ? troubles.name : ""}
      >
        <Input
          value={name}
          onChange={({ detail }) => setName(detail.value)}
          spellcheck={false}
          autoComplete={false}
        />
      </FormField>
      <FormField label="App type">
        <Select
          ariaLabel="App type"
          selectedOption={{ value: kind, label: kind }}
          options={APP_KINDS.map((value) => ({ value, label: value }))}
          onChange={({ detail }) => setKind(detail.selectedOption.value as AppKind)}
        />
      </FormField>
      <FormField
        label="Script"
        description="It runs as the app's owner, without sudo, for five minutes at most."
        errorText={isTried ? troubles.text : ""}
        stretch
      >
        <Textarea
          value={text}
          onChange={({ detail }) => setText(detail.value)}
          rows={10}
          spellcheck={false}
        />
      </FormField>
      <FormField label="Or a file">
        <FileUpload
          value={files}
          onChange={({ detail }) => void read(detail.value)}
          accept=".sh,text/x-shellscript,text/plain"
          i18nStrings={{
            uploadButtonText: () => "Choose file",
            dropzoneText: () => "Drop the file here",
            removeFileAriaLabel: () => "Remove file",
            limitShowFewer: "Show fewer",
            limitShowMore: "Show more",
            errorIconAriaLabel: "Error",
          }}
        />
      </FormField>
    </ActionDialog>
  );
}

function textTrouble(text: string): string {
  if (!text.trim()) return "Enter a script.";
  const size = new TextEncoder().encode(text).length;
  return size > BYTES_MAX ? `${size} bytes: at most ${BYTES_MAX}.` : "";
}

/** The API takes bytes of UTF-8 in base64; `btoa` takes characters of one byte. */
function base64(text: string): string {
  return btoa(
    Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""),
  );
}
