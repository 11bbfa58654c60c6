// How one IAM user signs in: password, access keys, devices. Three calls a user, so it is asked for
// who is on the screen.
import {
  type AccessKeyMetadata,
  GetLoginProfileCommand,
  ListAccessKeysCommand,
  ListMFADevicesCommand,
  type LoginProfile,
  type MFADevice,
} from "@aws-sdk/client-iam";
import { problemOf } from "~/aws/problem";
import { iam } from "~/aws/services/iam";
import { type Call, useGathered } from "~/aws/useCall";

export interface Credentials {
  /** Undefined: no password. */
  password: LoginProfile | undefined;
  keys: AccessKeyMetadata[];
  devices: MFADevice[];
}

export function useCredentials(UserName: string): Call<Credentials> {
  return useGathered(`iam credentials ${UserName}`, (signal) => ask(UserName, signal));
}

export async function ask(UserName: string, signal?: AbortSignal): Promise<Credentials> {
  const [password, keys, devices] = await Promise.all([
    passwordOf(UserName, signal),
    iam.send(ListAccessKeysCommand, { UserName }, signal),
    iam.send(ListMFADevicesCommand, { UserName }, signal),
  ]);
  return {
    password,
    keys: keys.AccessKeyMetadata ?? [],
    devices: devices.MFADevices ?? [],
  };
}

async function passwordOf(
  UserName: string,
  signal?: AbortSignal,
): Promise<LoginProfile | undefined> {
  try {
    return (await iam.send(GetLoginProfileCommand, { UserName }, signal)).LoginProfile;
  } catch (error) {
    if (problemOf(error).kind === "missing") return undefined;
    throw error;
  }
}

export const isActive = (key: AccessKeyMetadata): boolean => key.Status === "Active";

/** "Password, 1 active key, MFA"; "Not at all" where there is nothing. */
export function inWords({ password, keys, devices }: Credentials): string {
  const active = keys.filter(isActive).length;
  const words = [
    password ? (password.PasswordResetRequired ? "One-time password" : "Password") : "",
    active ? `${active} active key${active > 1 ? "s" : ""}` : "",
    devices.length ? "MFA" : "",
  ].filter(Boolean);
  const isIn = password || active;
  if (!isIn) return words.length ? `Not at all (${words.join(", ")})` : "Not at all";
  return words.join(", ");
}
