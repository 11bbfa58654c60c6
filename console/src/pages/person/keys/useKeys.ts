// The access keys of a person, each with its last use.
import {
  type AccessKeyLastUsed,
  type AccessKeyMetadata,
  GetAccessKeyLastUsedCommand,
  ListAccessKeysCommand,
} from "@aws-sdk/client-iam";
import { iam } from "~/aws/services/iam";
import { type Call, useGathered } from "~/aws/useCall";

export interface Key extends AccessKeyMetadata {
  /** Undefined where it may not be asked. */
  used: AccessKeyLastUsed | undefined;
}

export function useKeys(UserName: string): Call<Key[]> {
  return useGathered(`iam keys ${UserName}`, async (signal) => {
    const answer = await iam.send(ListAccessKeysCommand, { UserName }, signal);
    return Promise.all((answer.AccessKeyMetadata ?? []).map((key) => withUse(key, signal)));
  });
}

async function withUse(key: AccessKeyMetadata, signal: AbortSignal): Promise<Key> {
  const { AccessKeyId } = key;
  const told = await iam
    .send(GetAccessKeyLastUsedCommand, { AccessKeyId }, signal)
    .catch(() => undefined);
  return { ...key, used: told?.AccessKeyLastUsed };
}
