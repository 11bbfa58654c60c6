// The one endpoint of the console's own: a sign-in for keys that live fifteen minutes.
// Input: what a person typed, or the browser's HttpOnly cookie. Output: keys, kept in memory only.
import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: Date;
}

/** Whose session it is. `origin` is the profile or space that the keys are bound to, if any. */
export interface Identity {
  arn: string;
  kind: string;
  accountId: string;
  region: string;
  origin: string | null;
  endsAt: Date;
}

export interface Given {
  keys: Keys;
  identity: Identity;
  /** Server's clock minus ours, milliseconds: signatures are dated by the server's. */
  clockOffset: number;
}

export interface KeySignIn {
  kind: "keys";
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  mfaCode: string;
}

export interface PasswordSignIn {
  kind: "password";
  accountId: string;
  userName: string;
  password: string;
  mfaCode: string;
  newPassword: string;
}

export type SignIn = KeySignIn | PasswordSignIn;

/** A refusal of the exchange. `status` 0: the server was not reached. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const PATH = "/console/session";
const HEADERS = { "content-type": "application/json", "x-freehold-console": "1" };

export const region = (): string =>
  document.querySelector<HTMLMetaElement>('meta[name="freehold-region"]')?.content ?? "us-east-1";

export async function begin(how: SignIn): Promise<Given> {
  const body =
    how.kind === "keys"
      ? { MfaCode: how.mfaCode }
      : {
          AccountId: how.accountId,
          UserName: how.userName,
          Password: how.password,
          MfaCode: how.mfaCode,
          NewPassword: how.newPassword,
        };
  const text = JSON.stringify(body);
  const headers = how.kind === "keys" ? await signed(how, text) : HEADERS;
  return given(await ask(PATH, headers, text));
}

export async function renew(): Promise<Given> {
  return given(await ask(`${PATH}/refresh`, HEADERS, "{}"));
}

export async function end(): Promise<void> {
  await ask(`${PATH}/end`, HEADERS, "{}");
}

/** Signs the sign-in itself: the secret access key never leaves the page. */
async function signed(how: KeySignIn, body: string): Promise<Record<string, string>> {
  const signer = new SignatureV4({
    service: "signin",
    region: region(),
    credentials: {
      accessKeyId: how.accessKeyId.trim(),
      secretAccessKey: how.secretAccessKey.trim(),
      ...(how.sessionToken.trim() ? { sessionToken: how.sessionToken.trim() } : {}),
    },
    sha256: Sha256,
  });
  const request = new HttpRequest({
    method: "POST",
    protocol: location.protocol,
    hostname: location.hostname,
    path: PATH,
    headers: { ...HEADERS, host: location.host },
    body,
  });
  const made = await signer.sign(request, { signingDate: await serverTime() });
  const { host: _, ...headers } = made.headers;
  return headers;
}

/** The server's clock: a laptop's may be minutes off, and then no signature would hold. */
async function serverTime(): Promise<Date> {
  try {
    const answer = await fetch("/_freehold/health", { cache: "no-store" });
    const date = answer.headers.get("date");
    return date ? new Date(date) : new Date();
  } catch {
    throw unreachable();
  }
}

interface Told {
  AccessKeyId: string;
  SecretAccessKey: string;
  SessionToken: string;
  Expiration: string;
  SessionExpiration: string;
  ServerTime: string;
  Arn: string;
  Kind: string;
  AccountId: string;
  Region: string;
  Origin: string | null;
}

async function ask(path: string, headers: Record<string, string>, body: string): Promise<Told> {
  let answer: Response;
  try {
    answer = await fetch(path, { method: "POST", headers, body, credentials: "same-origin" });
  } catch {
    throw unreachable();
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told as Told;
  // Refused by the signature's own check: AWS's shape, in whatever case.
  const code = told.Code ?? told.code ?? told.__type ?? String(answer.status);
  const message = told.Message ?? told.message ?? "The server refused without a reason.";
  throw new Refusal(answer.status, code, message);
}

function unreachable(): Refusal {
  return new Refusal(0, "Unreachable", "The server does not answer. Is it running?");
}

function given(told: Told): Given {
  return {
    keys: {
      accessKeyId: told.AccessKeyId,
      secretAccessKey: told.SecretAccessKey,
      sessionToken: told.SessionToken,
      expiration: new Date(told.Expiration),
    },
    identity: {
      arn: told.Arn,
      kind: told.Kind,
      accountId: told.AccountId,
      region: told.Region,
      origin: told.Origin,
      endsAt: new Date(told.SessionExpiration),
    },
    clockOffset: Date.parse(told.ServerTime) - Date.now(),
  };
}
