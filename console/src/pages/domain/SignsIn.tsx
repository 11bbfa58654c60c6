// In the list of a domain's people: the IAM user who signs in as one of them, or the way to make one.
import type { Call } from "~/aws/useCall";
import { InnerLink } from "~/parts/InnerLink";

interface SignsInProps {
  domainId: string;
  name: string;
  /** By `DOMAIN_ID/PROFILE`. */
  users: Call<Map<string, string>>;
}

export function SignsIn({ domainId, name, users: { data, problem } }: SignsInProps) {
  if (problem) return <span title={problem.message}>No access</span>;
  if (!data) return <>...</>;
  const user = data.get(`${domainId}/${name}`);
  if (user) return <InnerLink to={`/people/${user}`}>{user}</InnerLink>;
  return <InnerLink to={`/domains/${domainId}/users/${name}/sign-in`}>None: make one</InnerLink>;
}
