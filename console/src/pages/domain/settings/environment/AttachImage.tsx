// Attaches an image of the account to a domain, and makes it the default where that is wanted.
import {
  type DescribeDomainResponse,
  ListAppImageConfigsCommand,
  ListImagesCommand,
  UpdateDomainCommand,
} from "@aws-sdk/client-sagemaker";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { usePages } from "~/aws/useCall";
import { EditDialog } from "~/dialogs/EditDialog";
import { imagesOf, SCOPES, type Scope, updateOf } from "./attached";

interface AttachImageProps {
  domain: DescribeDomainResponse;
  onClose: () => void;
}

export function AttachImage({ domain, onClose }: AttachImageProps) {
  const most = { MaxResults: 100 };
  const images = usePages(sagemaker, ListImagesCommand, most, "Images");
  const configs = usePages(sagemaker, ListAppImageConfigsCommand, most, "AppImageConfigs");
  const attach = useAction(
    (values: Record<string, string>) => {
      const arn = images.data?.find((one) => one.ImageName === values.image)?.ImageArn;
      return sagemaker.send(UpdateDomainCommand, requestOf(domain, values, arn));
    },
    { done: ({ image }) => `Image ${image} was attached.`, renews: "sagemaker" },
  );
  const options = (names: Array<string | undefined>) =>
    names.map((name = "") => ({ value: name, label: name }));
  const chosen = (value: string) => (value ? "" : "Choose one; “Create image” makes both.");
  return (
    <EditDialog
      title="Attach image"
      verb="Attach"
      action={attach}
      onClose={onClose}
      fields={[
        {
          id: "image",
          label: "Image",
          value: "",
          options: options((images.data ?? []).map((one) => one.ImageName)),
          trouble: chosen,
        },
        {
          id: "version",
          label: "Version",
          value: "",
          isNumber: true,
          hint: "Left empty, it is the newest at each start.",
        },
        {
          id: "config",
          label: "App image configuration",
          value: "",
          options: options((configs.data ?? []).map((one) => one.AppImageConfigName)),
          trouble: chosen,
        },
        { id: "scope", label: "For", value: "DefaultUserSettings", options: SCOPES },
        {
          id: "mode",
          label: "When it is used",
          value: "offered",
          options: [
            { value: "offered", label: "Where somebody chooses it" },
            { value: "default", label: "At each start: it is the default" },
          ],
        },
      ]}
    />
  );
}

function requestOf(
  domain: DescribeDomainResponse,
  { image, version, config, scope, mode }: Record<string, string>,
  arn: string | undefined,
) {
  const at = scope as Scope;
  const known = imagesOf(domain, at).filter((one) => one.ImageName !== image);
  const added = {
    ImageName: image,
    AppImageConfigName: config,
    ...(version ? { ImageVersionNumber: Number(version) } : {}),
  };
  return updateOf(domain, at, "JupyterLab", {
    CustomImages: [...known, added],
    ...(mode === "default" && arn
      ? { DefaultResourceSpec: { SageMakerImageArn: arn } as { LifecycleConfigArn?: string } }
      : {}),
  });
}
