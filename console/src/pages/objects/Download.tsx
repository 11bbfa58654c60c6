// Downloads one object by an address that is signed when it is asked for: S3 decides who may.
import Button from "@cloudscape-design/components/button";
import { useAction } from "~/aws/useAction";
import { PresignGetCommand, s3 } from "~/aws/wire/s3";

export function Download({ bucket, objectKey }: { bucket: string; objectKey: string }) {
  const download = useAction(
    async () => {
      const url = await s3.send(PresignGetCommand, { Bucket: bucket, Key: objectKey });
      // A refusal would be a page of XML: ask for one byte first and tell it as a problem.
      const answer = await fetch(url, { headers: { range: "bytes=0-0" } });
      if (!answer.ok && answer.status !== 416) throw await refusal(answer);
      const link = document.createElement("a");
      link.href = url;
      link.click();
    },
    { tells: true, renews: "none" },
  );
  return (
    <Button
      variant="inline-link"
      iconName="download"
      loading={download.isRunning}
      ariaLabel={`Download ${objectKey}`}
      onClick={() => void download.run()}
    >
      Download
    </Button>
  );
}

async function refusal(answer: Response): Promise<Error> {
  const told = new DOMParser().parseFromString(await answer.text(), "text/xml");
  const word = (name: string) => told.querySelector(name)?.textContent ?? "";
  return Object.assign(new Error(word("Message") || `S3 answered ${answer.status}.`), {
    name: word("Code") || String(answer.status),
    $metadata: { requestId: word("RequestId"), httpStatusCode: answer.status },
  });
}
