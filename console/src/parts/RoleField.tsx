// A role of the account: chosen from the list, made anew by a dialog, or entered as an ARN where the
// list may not be seen.
import { ListRolesCommand } from "@aws-sdk/client-iam";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useParams } from "react-router";
import { iam } from "~/aws/services/iam";
import { usePages } from "~/aws/useCall";

const NewRoleDialog = lazy(() => import("~/roles/NewRoleDialog"));

interface RoleFieldProps {
  value: string;
  onChange: (arn: string) => void;
  label: string;
}

export function RoleField({ value, onChange, label }: RoleFieldProps) {
  const { DomainId = "" } = useParams();
  const [isMaking, setMaking] = useState(false);
  const roles = usePages(iam, ListRolesCommand, {}, "Roles", { token: "Marker" });
  const options = (roles.data ?? []).map((role) => ({
    value: role.Arn ?? "",
    label: role.Arn ?? "",
    description: role.Description ?? "",
  }));
  return (
    <SpaceBetween size="xxs">
      <Autosuggest
        value={value}
        options={options}
        onChange={({ detail }) => onChange(detail.value)}
        enteredTextLabel={(text) => `Use ${text}`}
        ariaLabel={label}
        placeholder="arn:aws:iam::ACCOUNT:role/NAME"
        statusType={roles.data || roles.problem ? "finished" : "loading"}
        loadingText="Loading roles"
        empty={
          roles.problem ? `The roles cannot be listed: ${roles.problem.message}` : "No role yet"
        }
      />
      <Button
        variant="inline-link"
        iconName="add-plus"
        formAction="none"
        ariaLabel={`Create a role for: ${label}`}
        onClick={() => setMaking(true)}
      >
        Create a role
      </Button>
      {isMaking && (
        <Apart>
          <Suspense fallback={null}>
            <NewRoleDialog domainId={DomainId} onMade={onChange} onClose={() => setMaking(false)} />
          </Suspense>
        </Apart>
      )}
    </SpaceBetween>
  );
}

/** Escape and Enter in the dialog are the dialog's: React would tell the form around the field too. */
function Apart({ children }: { children: ReactNode }) {
  const stop = (event: { stopPropagation: () => void }) => event.stopPropagation();
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it handles nothing, it only stops
    <div onKeyDown={stop} onSubmit={stop} onMouseDown={stop} onClick={stop}>
      {children}
    </div>
  );
}
