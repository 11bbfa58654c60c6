// Open a space as one of its people: its owner; a shared one as who is signed in, else as the
// domain's first profile.
import { ListUserProfilesCommand, type SpaceDetails } from "@aws-sdk/client-sagemaker";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";
import { nameOf } from "~/format/arn";
import { OpenButton } from "~/parts/OpenButton";
import { useIdentity } from "~/session/useSession";

export function SpaceOpen({ domainId, space }: { domainId: string; space: SpaceDetails }) {
  const { origin } = useIdentity();
  const me = origin?.includes(":user-profile/") ? nameOf(origin) : undefined;
  const owner = space.OwnershipSettingsSummary?.OwnerUserProfileName ?? me;
  const people = useCall(
    sagemaker,
    ListUserProfilesCommand,
    { DomainIdEquals: domainId, MaxResults: 100 },
    { skip: !!owner },
  );
  const someone = owner ?? people.data?.UserProfiles?.[0]?.UserProfileName;
  return (
    <OpenButton
      domainId={domainId}
      userProfileName={someone ?? ""}
      spaceName={space.SpaceName ?? ""}
      isDisabled={!someone || space.Status !== "InService"}
      {...(people.data && !someone ? { why: "Add a user profile first." } : {})}
    />
  );
}
