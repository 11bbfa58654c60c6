// A role of the account: chosen from the list, or entered as an ARN where the list may not be seen.
import { ListRolesCommand } from "@aws-sdk/client-iam";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import { iam } from "~/aws/services/iam";
import { usePages } from "~/aws/useCall";

interface RoleFieldProps {
  value: string;
  onChange: (arn: string) => void;
  label: string;
}

export function RoleField({ value, onChange, label }: RoleFieldProps) {
  const roles = usePages(iam, ListRolesCommand, {}, "Roles", { token: "Marker" });
  const options = (roles.data ?? []).map((role) => ({
    value: role.Arn ?? "",
    label: role.Arn ?? "",
    description: role.Description ?? "",
  }));
  return (
    <Autosuggest
      value={value}
      options={options}
      onChange={({ detail }) => onChange(detail.value)}
      enteredTextLabel={(text) => `Use ${text}`}
      ariaLabel={label}
      placeholder="arn:aws:iam::ACCOUNT:role/NAME"
      statusType={roles.data || roles.problem ? "finished" : "loading"}
      loadingText="Loading roles"
      empty={roles.problem ? `The roles cannot be listed: ${roles.problem.message}` : "No role yet"}
    />
  );
}
