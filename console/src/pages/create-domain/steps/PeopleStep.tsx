// Step 2: how people sign in, who they are, and what they may do: a new role, or one that is there.
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import Tiles from "@cloudscape-design/components/tiles";
import { RoleField } from "~/parts/RoleField";
import { roleName } from "~/roles/making";
import { RoleForm } from "~/roles/RoleForm";
import { wishTroubles } from "~/roles/wish";
import { useIdentity } from "~/session/useSession";
import type { Draft, StepProps } from "../draft";
import { roleOf } from "../request";

export function PeopleStep(given: StepProps) {
  const { draft, change, troubles } = given;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Users</Header>}>
        <SpaceBetween size="l">
          <FormField label="How they sign in">
            <RadioGroup
              ariaLabel="How they sign in"
              value="IAM"
              onChange={() => undefined}
              items={[
                {
                  value: "IAM",
                  label: "IAM",
                  description: "By a password or access key, or by a role that they assume.",
                },
                {
                  value: "SSO",
                  label: "IAM Identity Center",
                  description: "This server has none.",
                  disabled: true,
                },
              ]}
            />
          </FormField>
          <FormField
            label="User profiles"
            description="Who uses it: one name a line. Left empty, they are added later."
            errorText={troubles.people}
          >
            <Textarea
              value={draft.people}
              onChange={({ detail }) => change({ people: detail.value })}
              rows={4}
              spellcheck={false}
              placeholder={"ana\nben"}
            />
          </FormField>
        </SpaceBetween>
      </Container>
      <Container
        header={
          <Header
            variant="h2"
            description="Apps and jobs of its people work as this role: its policies say what they may."
          >
            Execution role
          </Header>
        }
      >
        <SpaceBetween size="l">
          <Tiles
            ariaLabel="Execution role"
            value={draft.roleWay}
            onChange={({ detail }) => change({ roleWay: detail.value as Draft["roleWay"] })}
            items={[
              {
                value: "new",
                label: "New role",
                description: "Choose what they do; the role is made with the domain.",
              },
              { value: "existing", label: "Existing role", description: "One of the account." },
            ]}
          />
          <Role {...given} />
          <ExpandableSection
            headerText="Another role for shared spaces"
            defaultExpanded={draft.spaceRole !== ""}
          >
            <FormField
              label="Role of shared spaces"
              description="Left empty, it is the execution role."
              errorText={troubles.spaceRole}
            >
              <RoleField
                value={draft.spaceRole}
                onChange={(spaceRole) => change({ spaceRole })}
                label="Role of shared spaces"
              />
            </FormField>
          </ExpandableSection>
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

function Role({ draft, change, troubles }: StepProps) {
  const { accountId, region } = useIdentity();
  if (draft.roleWay === "existing") {
    return (
      <FormField label="Execution role" errorText={troubles.role}>
        <RoleField
          value={draft.role}
          onChange={(role) => change({ role })}
          label="Execution role"
        />
      </FormField>
    );
  }
  const arn = roleOf(draft, { accountId, region, subnets: [] });
  return (
    <RoleForm
      wish={draft.wish}
      change={(part) => change({ wish: { ...draft.wish, ...part } })}
      troubles={troubles.wish ? wishTroubles(draft.wish) : {}}
      offered={roleName(draft.name)}
      place={{ accountId, region, domainId: "DOMAIN_ID", roleArn: arn }}
      hasDomain
    />
  );
}
