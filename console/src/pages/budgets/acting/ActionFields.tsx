// "Deny new starts": at how many percent, to whom, and whether by itself or once it is approved.
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useDomainNames } from "~/pages/costs/ask/useCosts";
import { ProblemText } from "~/views/ProblemText";
import { scopeText } from "../Scope";
import type { ActionDraft } from "./draft";
import { useDomainRoles, useTargets } from "./useTargets";

interface ActionFieldsProps {
  draft: ActionDraft;
  change: (part: Partial<ActionDraft>) => void;
  troubles: Partial<Record<"percent" | "targets", string>>;
  /** ARNs of the domains that the budget is for. */
  domains: string[];
}

export function ActionFields({ draft, change, troubles, domains }: ActionFieldsProps) {
  return (
    <SpaceBetween size="l">
      <FormField label="When so much is spent (% of the limit)" errorText={troubles.percent}>
        <Input
          value={draft.percent}
          inputMode="decimal"
          onChange={({ detail }) => change({ percent: detail.value })}
        />
      </FormField>
      <FormField label="How">
        <RadioGroup
          value={draft.approval}
          onChange={({ detail }) => change({ approval: detail.value as ActionDraft["approval"] })}
          items={[
            { value: "AUTOMATIC", label: "By itself", description: "At once." },
            {
              value: "MANUAL",
              label: "Once somebody approves it",
              description: "On this budget's page, or by ExecuteBudgetAction.",
            },
          ]}
        />
      </FormField>
      <Whom draft={draft} change={change} trouble={troubles.targets ?? ""} domains={domains} />
      <Alert type="info">
        Apps and jobs that run go on. The denial is taken back when the budget's next period begins,
        or by hand. Whoever is refused finds the budget by “Explain a refusal”.
      </Alert>
    </SpaceBetween>
  );
}

interface WhomProps {
  draft: ActionDraft;
  change: (part: Partial<ActionDraft>) => void;
  trouble: string;
  domains: string[];
}

function Whom({ draft, change, trouble, domains }: WhomProps) {
  const targets = useTargets();
  const { roles = [], users = [], groups = [] } = targets.data ?? {};
  return (
    <SpaceBetween size="l">
      <FormField
        label="Roles that may start nothing new"
        description="Notebooks and jobs work with execution roles."
        errorText={trouble}
        secondaryControl={<OfDomains domains={domains} draft={draft} change={change} />}
      >
        <Choice
          noun="roles"
          names={roles}
          chosen={draft.roles}
          onChange={(names) => change({ roles: names })}
        />
      </FormField>
      <FormField
        label={
          <span>
            Users <i>- optional</i>
          </span>
        }
        description="People who start apps and jobs with keys of their own, as from this console."
      >
        <Choice
          noun="users"
          names={users}
          chosen={draft.users}
          onChange={(names) => change({ users: names })}
        />
      </FormField>
      <FormField
        label={
          <span>
            Groups <i>- optional</i>
          </span>
        }
      >
        <Choice
          noun="groups"
          names={groups}
          chosen={draft.groups}
          onChange={(names) => change({ groups: names })}
        />
      </FormField>
      {targets.problem && (
        <Alert type="warning" header="Who there is could not be read">
          <ProblemText problem={targets.problem} />
        </Alert>
      )}
    </SpaceBetween>
  );
}

/** Adds the roles that work for the budget's domains. */
function OfDomains({ domains, draft, change }: Omit<WhomProps, "trouble">) {
  const names = useDomainNames();
  const found = useDomainRoles(domains);
  if (!domains.length) return null;
  const missing = (found.data ?? []).filter((role) => !draft.roles.includes(role));
  return (
    <Button
      disabled={!missing.length}
      loading={found.isLoading && !found.data}
      onClick={() => change({ roles: [...draft.roles, ...missing] })}
    >
      Add those of {scopeText(domains, names)}
    </Button>
  );
}

interface ChoiceProps {
  noun: string;
  names: string[];
  chosen: string[];
  onChange: (names: string[]) => void;
}

function Choice({ noun, names, chosen, onChange }: ChoiceProps) {
  const options = [...new Set([...names, ...chosen])].map((value) => ({ value, label: value }));
  return (
    <Multiselect
      selectedOptions={options.filter(({ value }) => chosen.includes(value))}
      options={options}
      onChange={({ detail }) => onChange(detail.selectedOptions.map(({ value }) => value ?? ""))}
      placeholder={`Choose ${noun}`}
      filteringType="auto"
      filteringAriaLabel={`Find ${noun}`}
      empty={`There are no ${noun}`}
    />
  );
}
