// A bucket and its domain's tag, by two requests signed here: S3's own client would weigh more than
// the rest of the page.
import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { session } from "~/session/session";

const TAG = "sagemaker:domain-arn";

export async function makeBucket(name: string, region: string, domain: string): Promise<void> {
  const place = region === "us-east-1" ? "" : location_(region); // S3 takes its first region unnamed
  await put(`/${name}`, {}, place, region, "BucketAlreadyOwnedByYou");
  const tags = `<Tagging><TagSet><Tag><Key>${TAG}</Key><Value>${domain}</Value></Tag></TagSet></Tagging>`;
  await put(`/${name}`, { tagging: "" }, tags, region);
}

const location_ = (region: string): string =>
  `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;

async function put(
  path: string,
  query: Record<string, string>,
  body: string,
  region: string,
  isFine = "",
): Promise<void> {
  const signer = new SignatureV4({
    service: "s3",
    region,
    credentials: await session.keys(),
    sha256: Sha256,
    uriEscapePath: false,
  });
  const digest = new Sha256();
  digest.update(body);
  const hash = Array.from(await digest.digest(), (byte) => byte.toString(16).padStart(2, "0"));
  const request = new HttpRequest({
    method: "PUT",
    protocol: location.protocol,
    hostname: location.hostname,
    path,
    query,
    headers: { host: location.host, "x-amz-content-sha256": hash.join("") },
    body,
  });
  const signingDate = new Date(Date.now() + session.clockOffset());
  const { host: _, ...headers } = (await signer.sign(request, { signingDate })).headers;
  const target = Object.keys(query).length ? `${path}?${new URLSearchParams(query)}` : path;
  const answer = await fetch(target, { method: "PUT", headers, ...(body ? { body } : {}) });
  if (answer.ok) return;
  const said = await answer.text();
  const code = /<Code>(.*?)<\/Code>/.exec(said)?.[1] ?? String(answer.status);
  if (code === isFine) return;
  const message = /<Message>(.*?)<\/Message>/.exec(said)?.[1] ?? "The bucket could not be made.";
  const requestId = /<RequestId>(.*?)<\/RequestId>/.exec(said)?.[1];
  throw Object.assign(new Error(message), {
    name: code,
    $metadata: { requestId, httpStatusCode: answer.status },
  });
}
