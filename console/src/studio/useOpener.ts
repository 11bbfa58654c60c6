// As whom a space is opened: its owner; a shared one as who is signed in, else as the domain's first
// profile. "" where there is nobody.
import { ListUserProfilesCommand } from "@aws-sdk/client-sagemaker";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";
import { nameOf } from "~/format/arn";
import { useIdentity } from "~/session/useSession";

export function useOpener(domainId: string, ownerName: string): string {
  const { origin } = useIdentity();
  const me = origin?.includes(":user-profile/") ? nameOf(origin) : "";
  const known = ownerName || me;
  const people = useCall(
    sagemaker,
    ListUserProfilesCommand,
    { DomainIdEquals: domainId, MaxResults: 100 },
    { skip: !!known },
  );
  return known || (people.data?.UserProfiles?.[0]?.UserProfileName ?? "");
}
