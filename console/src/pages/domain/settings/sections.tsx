// The groups of a domain's settings: what each shows, what is asked for to change it, and the request.
import type { UpdateDomainRequest } from "@aws-sdk/client-sagemaker";
import type { Field } from "~/dialogs/EditDialog";
import { Copy } from "~/parts/Copy";
import { RoleField } from "~/parts/RoleField";
import { When } from "~/parts/When";
import { DEFAULTS } from "./defaults";
import type { Section } from "./section";

const ENABLING = [
  { value: "ENABLED", label: "On" },
  { value: "DISABLED", label: "Off" },
];
const isOn = (value: string | undefined) => (value === "ENABLED" ? "On" : "Off");

const arn = (text: string | undefined, what: string) =>
  text ? <Copy text={text} what={what} /> : "None";

const GENERAL: Section = {
  title: "General",
  note: "Name, ID, sign-in, VPC and keys were chosen when the domain was created; AWS lets nobody change them.",
  facts: (domain) => [
    { label: "Name", value: domain.DomainName },
    { label: "ID", value: <Copy text={domain.DomainId ?? ""} what="The domain's ID" /> },
    { label: "ARN", value: arn(domain.DomainArn, "The domain's ARN") },
    { label: "Sign-in", value: domain.AuthMode === "SSO" ? "Identity Center" : "IAM" },
    { label: "VPC", value: arn(domain.VpcId, "The VPC's ID") },
    { label: "Created", value: <When at={domain.CreationTime} /> },
  ],
};

const ROLES: Section = {
  title: "Execution roles",
  note: "Apps and jobs work as these, unless a user profile names its own. A role changes while no app of its kind runs.",
  facts: (domain) => [
    {
      label: "User profiles and private spaces",
      value: arn(domain.DefaultUserSettings?.ExecutionRole, "The role's ARN"),
    },
    {
      label: "Shared spaces",
      value: arn(domain.DefaultSpaceSettings?.ExecutionRole, "The role's ARN"),
    },
  ],
  fields: (domain) => [
    roleField("user", "Role of user profiles", domain.DefaultUserSettings?.ExecutionRole),
    roleField("space", "Role of shared spaces", domain.DefaultSpaceSettings?.ExecutionRole),
  ],
  request: ({ user, space }) => ({
    ...(user ? { DefaultUserSettings: { ExecutionRole: user } } : {}),
    ...(space ? { DefaultSpaceSettings: { ExecutionRole: space } } : {}),
  }),
};

function roleField(id: string, label: string, value = ""): Field {
  return {
    id,
    label,
    value,
    control: (now, change) => <RoleField value={now} onChange={change} label={label} />,
  };
}

const PROPAGATION: Section = {
  title: "Tags that go on",
  note: "Whether the domain's and the user's own tags go on to what is made inside. Automatic tags always do.",
  facts: (domain) => [{ label: "Custom tags go on", value: isOn(domain.TagPropagation) }],
  fields: (domain) => [
    {
      id: "mode",
      label: "Custom tags go on",
      value: domain.TagPropagation ?? "DISABLED",
      options: ENABLING,
    },
  ],
  request: ({ mode }) => ({
    TagPropagation: mode as NonNullable<UpdateDomainRequest["TagPropagation"]>,
  }),
};

const NETWORK: Section = {
  title: "Network mode",
  note: "It changes while no app runs. The VPC stays; rules are on the Network tab.",
  facts: (domain) => [
    {
      label: "Mode",
      value: domain.AppNetworkAccessType === "VpcOnly" ? "VPC only" : "Public internet",
    },
    {
      label: "Subnets",
      value: (
        <ul className="plain">
          {domain.SubnetIds?.map((id) => (
            <li key={id}>{id}</li>
          ))}
        </ul>
      ),
    },
  ],
  fields: (domain) => [
    {
      id: "mode",
      label: "Mode",
      value: domain.AppNetworkAccessType ?? "PublicInternetOnly",
      options: [
        { value: "PublicInternetOnly", label: "Public internet" },
        { value: "VpcOnly", label: "VPC only" },
      ],
    },
  ],
  request: ({ mode }) => ({
    AppNetworkAccessType: mode as NonNullable<UpdateDomainRequest["AppNetworkAccessType"]>,
  }),
};

export const SECTIONS: Section[] = [GENERAL, ROLES, NETWORK, ...DEFAULTS, PROPAGATION];
