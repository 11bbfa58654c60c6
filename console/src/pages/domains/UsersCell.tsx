// Of a row on the screen: how many user profiles it has, "100+" where more than a page.
import { ListUserProfilesCommand } from "@aws-sdk/client-sagemaker";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";

export function UsersCell({ domainId }: { domainId: string }) {
  const users = useCall(sagemaker, ListUserProfilesCommand, {
    DomainIdEquals: domainId,
    MaxResults: 100,
  });
  if (users.problem) return <span title={users.problem.message}>No access</span>;
  if (!users.data) return <>...</>;
  const found = users.data.UserProfiles?.length ?? 0;
  return <span className="number">{users.data.NextToken ? `${found}+` : found}</span>;
}
