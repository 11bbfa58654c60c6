// What one person owns in a domain: their spaces, and the apps that run for them or in those spaces.
import {
  type AppDetails,
  ListAppsCommand,
  ListSpacesCommand,
  type SpaceDetails,
} from "@aws-sdk/client-sagemaker";
import { useMemo } from "react";
import { whileAny } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { type Call, usePages } from "~/aws/useCall";
import { isPassing } from "~/parts/Status";
import type { Owner } from "~/studio/OwnerLink";
import { hasEnded } from "~/studio/useApps";

const appsMove = whileAny<AppDetails>((app) => isPassing(app.Status));
const spacesMove = whileAny<SpaceDetails>((space) => isPassing(space.Status));

interface Own {
  spaces: Call<SpaceDetails[]>;
  /** Those that have not ended. */
  apps: Call<AppDetails[]>;
  appOf: (space: SpaceDetails) => AppDetails | undefined;
}

export function useOwn(owner: Owner): Own {
  const input = { DomainIdEquals: owner.domainId, MaxResults: 100 };
  const spaces = usePages(sagemaker, ListSpacesCommand, input, "Spaces", { every: spacesMove });
  const apps = usePages(sagemaker, ListAppsCommand, input, "Apps", { every: appsMove });
  return useMemo(() => {
    const own = spaces.data?.filter(
      (space) => space.OwnershipSettingsSummary?.OwnerUserProfileName === owner.name,
    );
    const names = new Set(own?.map((space) => space.SpaceName));
    const live = apps.data?.filter((app) => !hasEnded(app));
    const mine = live?.filter((app) =>
      app.SpaceName ? names.has(app.SpaceName) : app.UserProfileName === owner.name,
    );
    return {
      spaces: { ...spaces, data: own },
      apps: { ...apps, data: own && mine },
      appOf: (space) => live?.find((app) => app.SpaceName === space.SpaceName),
    };
  }, [spaces, apps, owner.name]);
}
