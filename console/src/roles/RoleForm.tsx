// What a new execution role may do, by checkboxes; the text of each small policy stands beside it.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import Toggle from "@cloudscape-design/components/toggle";
import { ACTIVITIES } from "./activities";
import type { Place } from "./tight";
import { ownBucket, policyOf, policyOfActivity, type RoleWish, type WishTroubles } from "./wish";

export interface RoleFormProps {
  wish: RoleWish;
  change: (part: Partial<RoleWish>) => void;
  troubles: WishTroubles;
  /** The name where none is typed. */
  offered: string;
  /** As far as it is known: what the texts are filled in with. */
  place: Place;
  /** Whether there is a domain that it could be kept to, there or to come. */
  hasDomain: boolean;
}

export function RoleForm({ wish, change, troubles, offered, place, hasDomain }: RoleFormProps) {
  return (
    <SpaceBetween size="l">
      <FormField
        label="Role name"
        description="SageMaker is trusted with it: apps and jobs work as this role."
        errorText={troubles.name}
      >
        <Input
          value={wish.name}
          onChange={({ detail }) => change({ name: detail.value })}
          placeholder={offered}
          spellcheck={false}
          autoComplete={false}
        />
      </FormField>
      {hasDomain && (
        <Toggle
          checked={wish.isKept}
          onChange={({ detail }) => change({ isKept: detail.checked })}
          description="What is made carries the domain's tag, and nothing else is reached: the policy that quick setup writes."
        >
          Keep it to this domain
        </Toggle>
      )}
      <Activities wish={wish} change={change} trouble={troubles.activities ?? ""} place={place} />
      <Buckets
        wish={wish}
        change={change}
        troubles={troubles}
        place={place}
        hasDomain={hasDomain}
      />
      {wish.isKept && wish.buckets === "any" && (
        <Alert type="warning">
          Any bucket means those of other domains too: their files can be read and changed.
        </Alert>
      )}
      <PolicyText title="The whole policy" policy={policyOf(wish, place)} />
    </SpaceBetween>
  );
}

interface ActivitiesProps {
  wish: RoleWish;
  change: (part: Partial<RoleWish>) => void;
  trouble: string;
  place: Place;
}

function Activities({ wish, change, trouble, place }: ActivitiesProps) {
  const toggle = (id: string, isOn: boolean) =>
    change({
      activities: isOn ? [...wish.activities, id] : wish.activities.filter((x) => x !== id),
    });
  return (
    <FormField label="ML activities" errorText={trouble} stretch>
      <SpaceBetween size="s">
        {ACTIVITIES.map((one) => (
          <div key={one.id}>
            <Checkbox
              checked={wish.activities.includes(one.id)}
              onChange={({ detail }) => toggle(one.id, detail.checked)}
              description={one.about}
            >
              {one.label}
            </Checkbox>
            <div className="under-choice">
              <PolicyText
                title="Its policy"
                label={`Its policy: ${one.label}`}
                policy={policyOfActivity(one, wish.isKept, place)}
              />
            </div>
          </div>
        ))}
      </SpaceBetween>
    </FormField>
  );
}

function Buckets(given: Omit<RoleFormProps, "offered">) {
  const { wish, change, troubles, place, hasDomain } = given;
  const own = {
    value: "own",
    label: "The domain's own",
    description: ownBucket(place.domainId || "DOMAIN_ID"),
  };
  return (
    <SpaceBetween size="l">
      <FormField label="S3 bucket access">
        <RadioGroup
          ariaLabel="S3 bucket access"
          value={wish.buckets}
          onChange={({ detail }) => change({ buckets: detail.value as RoleWish["buckets"] })}
          items={[
            ...(hasDomain ? [own] : []),
            { value: "named", label: "Certain buckets" },
            { value: "any", label: "Any bucket" },
            { value: "none", label: "None" },
          ]}
        />
      </FormField>
      {wish.buckets === "named" && (
        <FormField label="Buckets" description="One name a line." errorText={troubles.bucketNames}>
          <Textarea
            value={wish.bucketNames}
            onChange={({ detail }) => change({ bucketNames: detail.value })}
            rows={3}
            spellcheck={false}
          />
        </FormField>
      )}
    </SpaceBetween>
  );
}

function PolicyText({ title, label, policy }: { title: string; label?: string; policy: object }) {
  return (
    <ExpandableSection
      variant="inline"
      headerText={
        <Box variant="span" fontSize="body-s" fontWeight="normal" color="inherit">
          {title}
        </Box>
      }
      {...(label ? { headerAriaLabel: label } : {})}
    >
      <Box padding={{ top: "xxs" }}>
        <pre className="code">{JSON.stringify(policy, null, 2)}</pre>
      </Box>
    </ExpandableSection>
  );
}
