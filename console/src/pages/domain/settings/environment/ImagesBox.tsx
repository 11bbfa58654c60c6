// Custom images that people of the domain may start JupyterLab on: attached with the way that they are
// run, detached, and made from one of the server's runtimes.
import {
  type CustomImage,
  type DescribeDomainResponse,
  UpdateDomainCommand,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { Empty } from "~/views/Empty";
import { AttachImage } from "./AttachImage";
import { imagesOf, SCOPES, type Scope, scopeWords, updateOf } from "./attached";
import { NewImage } from "./NewImage";
import { PlainTable } from "./PlainTable";

interface Attached {
  scope: Scope;
  image: CustomImage;
}

export function ImagesBox({ domain }: { domain: DescribeDomainResponse }) {
  const [asked, ask] = useState<"new" | "attach" | "">("");
  const [chosen, choose] = useState<Attached>();
  const all = SCOPES.flatMap(({ value: scope }) =>
    imagesOf(domain, scope).map((image) => ({ scope, image })),
  );
  const detach = useAction(
    async ({ scope, image }: Attached) => {
      const rest = imagesOf(domain, scope).filter((one) => keyOf(one) !== keyOf(image));
      const request = updateOf(domain, scope, "JupyterLab", { CustomImages: rest });
      await sagemaker.send(UpdateDomainCommand, request);
      choose(undefined);
    },
    {
      done: ({ image }) => `Image ${image.ImageName} was detached.`,
      renews: "sagemaker",
      tells: true,
    },
  );
  return (
    <>
      <PlainTable<Attached>
        title="Images"
        description="Custom images that JupyterLab may be started on, beside the server's own."
        items={all}
        rowId={({ scope, image }) => `${scope} ${keyOf(image)}`}
        rowWords={({ image }) => image.ImageName ?? ""}
        chosen={chosen}
        onChoose={choose}
        columns={[
          { header: "Image", width: 240, cell: ({ image }) => image.ImageName },
          {
            header: "Version",
            width: 150,
            cell: ({ image }) => image.ImageVersionNumber ?? "The newest",
          },
          { header: "Run by", width: 240, cell: ({ image }) => image.AppImageConfigName },
          { header: "For", width: 160, cell: ({ scope }) => scopeWords(scope) },
        ]}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              disabled={!chosen}
              ariaLabel="Detach image"
              loading={detach.isRunning}
              onClick={() => chosen && void detach.run(chosen)}
            >
              Detach
            </Button>
            <Button onClick={() => ask("attach")}>Attach image</Button>
            <Button onClick={() => ask("new")}>Create image</Button>
          </SpaceBetween>
        }
        empty={<Empty title="No custom image">JupyterLab runs on the server's own image.</Empty>}
      />
      {asked === "attach" && <AttachImage domain={domain} onClose={() => ask("")} />}
      {asked === "new" && <NewImage onClose={() => ask("")} />}
    </>
  );
}

const keyOf = (image: CustomImage): string =>
  `${image.ImageName} ${image.ImageVersionNumber ?? ""} ${image.AppImageConfigName}`;
