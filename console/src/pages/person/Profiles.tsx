// The user profiles of a person: where they work.
import { useMemo } from "react";
import { useDomainNames } from "~/owners/useDomainNames";
import { InnerLink } from "~/parts/InnerLink";
import { type Profile, USER_TAG, useProfilesByUser } from "~/people/owners";
import { useIdentity } from "~/session/useSession";
import { SmallTable } from "./SmallTable";

export function Profiles({ userName }: { userName: string }) {
  const by = useProfilesByUser();
  const names = useDomainNames();
  const { region, accountId } = useIdentity();
  const heldBy = ({ domainId, name }: Profile): string => {
    const resource = `arn:aws:sagemaker:${region}:${accountId}:user-profile/${domainId}/${name}`;
    return `/activity?${new URLSearchParams({ resource })}`;
  };
  const own = useMemo(
    () => ({ ...by, data: by.data && (by.data.get(userName) ?? []) }),
    [by, userName],
  );
  return (
    <SmallTable<Profile>
      title="User profiles"
      description={`Profiles with the tag ${USER_TAG}=${userName}, or of this very name.`}
      of={own}
      what={`the user profiles of ${userName}`}
      rowId={({ domainId, name }) => `${domainId}/${name}`}
      columns={[
        {
          id: "name",
          header: "User profile",
          isRowHeader: true,
          minWidth: 180,
          cell: ({ domainId, name }) => (
            <InnerLink to={`/domains/${domainId}/users/${name}`}>{name}</InnerLink>
          ),
        },
        {
          id: "domain",
          header: "Domain",
          minWidth: 180,
          cell: ({ domainId }) => (
            <InnerLink to={`/domains/${domainId}`}>{names.get(domainId) ?? domainId}</InnerLink>
          ),
        },
        {
          id: "activity",
          header: "Activity",
          minWidth: 180,
          cell: (profile) => <InnerLink to={heldBy(profile)}>From their notebook</InnerLink>,
        },
      ]}
      nothing="None: this person has no notebook. A domain's Add user wizard gives one to a user who exists."
    />
  );
}
