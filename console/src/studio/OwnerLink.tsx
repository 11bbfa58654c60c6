// Whose something is: the space or the user profile that its tags name, as a link to it.
import { nameOf } from "~/format/arn";
import { InnerLink } from "~/parts/InnerLink";

export const PROFILE_TAG = "sagemaker:user-profile-arn";
export const SPACE_TAG = "sagemaker:space-arn";
export const DOMAIN_TAG = "sagemaker:domain-arn";

export type Tags = Array<{ Key?: string | undefined; Value?: string | undefined }>;

export interface Owner {
  kind: "user" | "space";
  name: string;
  domainId: string;
}

export const tagOf = (tags: Tags | undefined, key: string): string =>
  tags?.find((tag) => tag.Key === key)?.Value ?? "";

/** Of `arn:...:space/d-1/team`; undefined for anything else. */
export function ownerOf(arn: string): Owner | undefined {
  const found = /:(space|user-profile)\/([^/]+)\/([^/]+)$/.exec(arn);
  if (!found) return undefined;
  const [, kind, domainId = "", name = ""] = found;
  return { kind: kind === "space" ? "space" : "user", name, domainId };
}

export function ownerOfTags(tags: Tags | undefined): Owner | undefined {
  return ownerOf(tagOf(tags, SPACE_TAG)) ?? ownerOf(tagOf(tags, PROFILE_TAG));
}

export const pathOf = ({ kind, domainId, name }: Owner): string =>
  `/domains/${domainId}/${kind === "space" ? "spaces" : "users"}/${name}`;

export const wordsOf = (owner: Owner | undefined): string =>
  owner ? `${owner.name}${owner.kind === "space" ? " (space)" : ""}` : "";

export function OwnerLink({ owner }: { owner: Owner | undefined }) {
  if (!owner) return <>-</>;
  return <InnerLink to={pathOf(owner)}>{wordsOf(owner)}</InnerLink>;
}

/** A role's name with its ARN on hover, for places where the ARN is too long. */
export const shortRole = (arn: string | undefined): string => (arn ? nameOf(arn) : "-");
