// Calls signed here, for services whose own client the SDK does not have or would weigh too much
// (S3, SageMaker Metrics): signature, fetch, and AWS's error in the SDK's shape.
import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Config } from "~/aws/service";

export interface Asked {
  method: "GET" | "POST" | "DELETE";
  /** Escaped as it goes over the wire. */
  path: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string;
}

/** Send and answer the response, whatever its status but trouble. */
export async function signedFetch(
  config: Config,
  scope: string,
  asked: Asked,
  signal?: AbortSignal,
): Promise<Response> {
  const { method, path, query = {}, body = "" } = asked;
  const request = new HttpRequest({
    method,
    protocol: location.protocol,
    hostname: location.hostname,
    path,
    query,
    headers: {
      host: location.host,
      "x-amz-content-sha256": await digestOf(body),
      ...asked.headers,
    },
    body,
  });
  const signed = await signer(config, scope).sign(request, { signingDate: now(config) });
  const { host: _, ...headers } = signed.headers;
  const answer = await fetch(target(path, query), {
    method,
    headers,
    ...(body ? { body } : {}),
    ...(signal ? { signal } : {}),
  });
  if (answer.ok) return answer;
  throw await trouble(answer);
}

/** An address that holds for some minutes, for whoever has it. */
export async function presigned(
  config: Config,
  scope: string,
  asked: Pick<Asked, "path" | "query">,
  seconds: number,
): Promise<string> {
  const request = new HttpRequest({
    method: "GET",
    protocol: location.protocol,
    hostname: location.hostname,
    path: asked.path,
    query: asked.query ?? {},
    // Nobody knows the body's digest beforehand: S3's word for that, hoisted into the address.
    headers: { host: location.host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
  });
  const made = await signer(config, scope).presign(request, {
    expiresIn: seconds,
    signingDate: now(config),
  });
  return `${location.origin}${target(asked.path, made.query as Record<string, string>)}`;
}

function signer(config: Config, scope: string): SignatureV4 {
  const { region, credentials } = config;
  return new SignatureV4({
    service: scope,
    region,
    credentials,
    sha256: Sha256,
    uriEscapePath: scope !== "s3",
  });
}

const now = (config: Config): Date => new Date(Date.now() + config.systemClockOffset);

function target(path: string, query: Record<string, string>): string {
  const words = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return words.length ? `${path}?${words.join("&")}` : path;
}

async function digestOf(body: string): Promise<string> {
  const digest = new Sha256();
  digest.update(body);
  return Array.from(await digest.digest(), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function trouble(answer: Response): Promise<Error> {
  const said = await answer.text();
  const word = (name: string) =>
    new RegExp(`<${name}>([^<]*)</${name}>`).exec(said)?.[1] ??
    new RegExp(`"(?:${name}|__type)"\\s*:\\s*"([^"]*)"`, "i").exec(said)?.[1];
  const code = word("Code") ?? answer.headers.get("x-amzn-errortype") ?? String(answer.status);
  const requestId =
    word("RequestId") ??
    answer.headers.get("x-amzn-requestid") ??
    answer.headers.get("x-amz-request-id") ??
    "";
  return Object.assign(new Error(messageOf(said, answer)), {
    name: code.replace(/^.*#/, "").replace(/:.*$/, ""),
    $metadata: { requestId, httpStatusCode: answer.status },
  });
}

function messageOf(said: string, answer: Response): string {
  const parsed = new DOMParser().parseFromString(said, "text/xml");
  const inXml = parsed.querySelector("Error > Message")?.textContent;
  if (inXml) return inXml;
  try {
    const told = JSON.parse(said) as { message?: string; Message?: string };
    return told.message ?? told.Message ?? answer.statusText;
  } catch {
    return answer.statusText || `The server answered ${answer.status}.`;
  }
}
