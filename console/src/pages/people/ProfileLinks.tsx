// The user profiles of a person, each with its domain.
import { InnerLink } from "~/parts/InnerLink";
import type { Profile } from "~/people/owners";

interface ProfileLinksProps {
  /** Undefined: not known yet. */
  profiles: Profile[] | undefined;
  /** Of domains, by id. */
  names: Map<string, string>;
}

export function ProfileLinks({ profiles, names }: ProfileLinksProps) {
  if (!profiles) return <>...</>;
  if (!profiles.length) return <>None</>;
  return profiles.map(({ domainId, name }) => (
    <div key={`${domainId}/${name}`} className="break">
      <InnerLink to={`/domains/${domainId}/users/${name}`}>
        {names.get(domainId) ?? domainId}/{name}
      </InnerLink>
    </div>
  ));
}
