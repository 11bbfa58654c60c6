// Open a space of the list, as one of its people.
import type { SpaceDetails } from "@aws-sdk/client-sagemaker";
import { OpenButton } from "~/parts/OpenButton";
import { useOpener } from "~/studio/useOpener";

export function SpaceOpen({ domainId, space }: { domainId: string; space: SpaceDetails }) {
  const opener = useOpener(domainId, space.OwnershipSettingsSummary?.OwnerUserProfileName ?? "");
  return (
    <OpenButton
      domainId={domainId}
      userProfileName={opener}
      spaceName={space.SpaceName ?? ""}
      isDisabled={!opener || space.Status !== "InService"}
      {...(opener ? {} : { why: "Add a user profile first." })}
    />
  );
}
