// Making what a setup makes, where an earlier answer may have been lost: a domain or profile that the
// server made, and nobody heard of, is taken up instead of being refused for its name.
import {
  CreateDomainCommand,
  type CreateDomainRequest,
  CreateUserProfileCommand,
  DescribeDomainCommand,
  DescribeUserProfileCommand,
  ListDomainsCommand,
} from "@aws-sdk/client-sagemaker";
import { problemOf } from "~/aws/problem";
import { sagemaker } from "~/aws/services/sagemaker";
import { pages } from "~/aws/useCall";
import { session } from "~/session/session";

const CLOCK_MS = 5000; // by how much the server's clock, as we know it, may be wrong

/** Now by the server's clock. */
export const serverNow = (): number => Date.now() + session.clockOffset();

/** The id of the domain, new or made since `askedAt` (`serverNow`) for the same role. */
export async function takeDomain(request: CreateDomainRequest, askedAt: number): Promise<string> {
  try {
    const { DomainArn } = await sagemaker.send(CreateDomainCommand, request);
    return DomainArn?.split("/").pop() ?? "";
  } catch (error) {
    const found = problemOf(error).kind === "conflict" && (await madeSince(request, askedAt));
    if (!found) throw error;
    return found;
  }
}

/** "" where there is none, or where one may not look. */
async function madeSince(request: CreateDomainRequest, askedAt: number): Promise<string> {
  try {
    const all = await pages(sagemaker, ListDomainsCommand, { MaxResults: 100 }, "Domains");
    const DomainId = all.find((one) => one.DomainName === request.DomainName)?.DomainId;
    const found = await sagemaker.send(DescribeDomainCommand, { DomainId });
    const isYoung = (found.CreationTime?.getTime() ?? 0) >= askedAt - CLOCK_MS;
    const role = found.DefaultUserSettings?.ExecutionRole;
    const isSame = role === request.DefaultUserSettings?.ExecutionRole;
    return (isYoung && isSame && DomainId) || "";
  } catch {
    return "";
  }
}

/** A profile of a domain that this setup made, whether it is new or an earlier try's. */
export async function takePerson(DomainId: string, UserProfileName: string): Promise<void> {
  const named = { DomainId, UserProfileName };
  try {
    await sagemaker.send(CreateUserProfileCommand, named);
  } catch (error) {
    if (problemOf(error).kind !== "conflict") throw error;
    const there = await sagemaker.send(DescribeUserProfileCommand, named).catch(() => null);
    if (!there) throw error;
  }
}
