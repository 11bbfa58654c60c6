// A custom image: a name, a runtime of this server that it rests on, and how it is run. The image, its
// first version and its app image configuration are made in this order; a failure goes on.
import {
  CreateAppImageConfigCommand,
  CreateImageCommand,
  CreateImageVersionCommand,
} from "@aws-sdk/client-sagemaker";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { renewAll } from "~/aws/cache";
import { sagemaker } from "~/aws/services/sagemaker";
import { type Plan, useSteps } from "~/aws/useSteps";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { nameTrouble } from "~/format/names";
import { useNotices } from "~/page/notices";
import { RoleField } from "~/parts/RoleField";
import { StepList } from "~/parts/StepList";

const USUAL = { name: "", role: "", base: "local://venv/jupyterlab", words: "" };

export function NewImage({ onClose }: { onClose: () => void }) {
  const [asked, setAsked] = useState(USUAL);
  const [isTried, setTried] = useState(false);
  const making = useSteps();
  const notices = useNotices();
  const words = environmentOf(asked.words);
  const troubles = {
    name: nameTrouble(asked.name),
    role: asked.role ? "" : "Choose a role, or enter the ARN of one.",
    base: asked.base ? "" : "Enter what it rests on.",
    words: words ? "" : "One NAME=VALUE a line.",
  };
  const told = isTried ? troubles : { name: "", role: "", base: "", words: "" };

  function change(part: Partial<typeof USUAL>): void {
    setAsked((all) => ({ ...all, ...part }));
    if (part.name !== undefined) making.reset();
  }

  async function go(): Promise<void> {
    setTried(true);
    if (Object.values(troubles).some(Boolean)) return;
    const isDone = await making.go(planOf(asked, words ?? {}));
    renewAll("sagemaker");
    if (!isDone) return;
    notices.success(`Image ${asked.name} was created: attach it to the domain.`);
    onClose();
  }

  return (
    <ActionDialog
      title="Create image"
      verb={making.problem ? "Go on" : "Create image"}
      action={making}
      onGo={() => void go()}
      onClose={onClose}
    >
      <FormField label="Image name" errorText={told.name}>
        <Input
          value={asked.name}
          onChange={({ detail }) => change({ name: detail.value })}
          spellcheck={false}
          autoComplete={false}
        />
      </FormField>
      <FormField label="Base image" description="A runtime of this server." errorText={told.base}>
        <Input
          value={asked.base}
          onChange={({ detail }) => change({ base: detail.value })}
          spellcheck={false}
          autoComplete={false}
        />
      </FormField>
      <FormField label="Role" description="AWS reads the image as this role." errorText={told.role}>
        <RoleField value={asked.role} onChange={(role) => change({ role })} label="Role" />
      </FormField>
      <FormField
        label="Environment variables"
        description="Set in each app that is started on it: one NAME=VALUE a line."
        errorText={told.words}
      >
        <Textarea
          value={asked.words}
          onChange={({ detail }) => change({ words: detail.value })}
          rows={3}
          spellcheck={false}
        />
      </FormField>
      {making.steps.length > 0 && <StepList steps={making.steps} />}
    </ActionDialog>
  );
}

/** Undefined where a line is none. */
function environmentOf(text: string): Record<string, string> | undefined {
  const lines = text.split("\n").filter((line) => line.trim());
  if (lines.some((line) => !/^[A-Za-z_]\w*=/.test(line))) return undefined;
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

function planOf(asked: typeof USUAL, words: Record<string, string>): Plan[] {
  const ImageName = asked.name;
  const made = { ImageName, BaseImage: asked.base, ClientToken: undefined }; // the SDK fills it in
  const container = Object.keys(words).length
    ? { ContainerConfig: { ContainerEnvironmentVariables: words } }
    : {};
  const config = { AppImageConfigName: ImageName, JupyterLabAppImageConfig: container };
  const step = (text: string, act: () => Promise<unknown>): Plan => ({
    text,
    run: async () => {
      await act();
    },
  });
  return [
    step(`Image ${ImageName}`, () =>
      sagemaker.send(CreateImageCommand, { ImageName, RoleArn: asked.role }),
    ),
    step("Its first version", () => sagemaker.send(CreateImageVersionCommand, made)),
    step(`App image configuration ${ImageName}`, () =>
      sagemaker.send(CreateAppImageConfigCommand, config),
    ),
  ];
}
