// Open a space as one of its people: its owner, or for a shared one the domain's first profile.
import { ListUserProfilesCommand, type SpaceDetails } from "@aws-sdk/client-sagemaker";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";
import { OpenButton } from "~/parts/OpenButton";

export function SpaceOpen({ domainId, space }: { domainId: string; space: SpaceDetails }) {
  const owner = space.OwnershipSettingsSummary?.OwnerUserProfileName;
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
