// S3, as far as the console looks at it: what lies below a place, and a link to one object.
import { type Config, service } from "~/aws/service";
import { Command } from "~/aws/wire/command";
import { presigned, signedFetch } from "~/aws/wire/signed";

export interface ObjectFound {
  Key: string;
  Size: number;
  LastModified: Date;
}

interface Listed {
  Contents: ObjectFound[];
  /** Folders: prefixes up to the next slash. */
  CommonPrefixes: string[];
  NextContinuationToken?: string;
}

interface ListInput {
  Bucket: string;
  Prefix: string;
  ContinuationToken?: string;
}

export class ListObjectsV2Command extends Command<ListInput, Listed> {}
export class PresignGetCommand extends Command<{ Bucket: string; Key: string }, string> {}

const LINK_SECONDS = 300; // a click follows at once

export const s3 = service("s3", (config: Config) => ({
  async send(
    command: ListObjectsV2Command | PresignGetCommand,
    options?: { abortSignal?: AbortSignal },
  ): Promise<Listed | string> {
    if (command instanceof PresignGetCommand) return link(config, command.input);
    return list(config, command.input, options?.abortSignal);
  },
}));

async function list(config: Config, input: ListInput, signal?: AbortSignal): Promise<Listed> {
  const query: Record<string, string> = {
    "list-type": "2",
    delimiter: "/",
    "encoding-type": "url", // XML has no way to spell some signs that a key may have
    prefix: input.Prefix,
    ...(input.ContinuationToken ? { "continuation-token": input.ContinuationToken } : {}),
  };
  const path = `/${encodeURIComponent(input.Bucket)}`;
  const answer = await signedFetch(config, "s3", { method: "GET", path, query }, signal);
  const told = new DOMParser().parseFromString(await answer.text(), "text/xml");
  const text = (of: Element, name: string) => of.querySelector(name)?.textContent ?? "";
  const next = told.querySelector("NextContinuationToken")?.textContent;
  return {
    Contents: [...told.querySelectorAll("Contents")].map((one) => ({
      Key: plain(text(one, "Key")),
      Size: Number(text(one, "Size")),
      LastModified: new Date(text(one, "LastModified")),
    })),
    CommonPrefixes: [...told.querySelectorAll("CommonPrefixes > Prefix")].map((one) =>
      plain(one.textContent ?? ""),
    ),
    ...(next ? { NextContinuationToken: next } : {}),
  };
}

const plain = (encoded: string): string => decodeURIComponent(encoded.replaceAll("+", " "));

/** A download: the browser must not show what somebody else wrote. */
function link(config: Config, { Bucket, Key }: { Bucket: string; Key: string }): Promise<string> {
  const name = Key.slice(Key.lastIndexOf("/") + 1).replace(/["\\]/g, "_");
  const query = { "response-content-disposition": `attachment; filename="${name}"` };
  const path = `/${[Bucket, ...Key.split("/")].map(escaped).join("/")}`;
  return presigned(config, "s3", { path, query }, LINK_SECONDS);
}

/** As AWS signs it: encodeURIComponent leaves five signs that it does not. */
const escaped = (word: string): string =>
  encodeURIComponent(word).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
