// The questions about a person's way in: a new IAM user, one that exists, or none; and what they may do.
import { ListUsersCommand } from "@aws-sdk/client-iam";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { iam } from "~/aws/services/iam";
import { usePages } from "~/aws/useCall";
import { InnerLink } from "~/parts/InnerLink";
import type { Wish } from "./wish";

interface SignInFieldsProps {
  wish: Wish;
  change: (part: Partial<Wish>) => void;
  trouble: string;
  /** Of the user profile: the name that is offered. */
  profile: string;
  /** Whether "nobody" can be chosen. */
  mayBeNone?: boolean;
}

export function SignInFields(given: SignInFieldsProps) {
  const { wish, change, trouble, profile, mayBeNone = false } = given;
  const none = {
    value: "none",
    label: "Nobody signs in as this person yet",
    description:
      "Only administrators open their notebook. A sign-in can be made later, on the profile's page.",
  };
  return (
    <SpaceBetween size="l">
      <FormField label="Who signs in as this person" stretch>
        <RadioGroup
          ariaLabel="Who signs in as this person"
          value={wish.way}
          onChange={({ detail }) => change({ way: detail.value as Wish["way"], userName: "" })}
          items={[
            {
              value: "new",
              label: "A new IAM user",
              description:
                "A name and a one-time password, which they replace when they sign in first.",
            },
            {
              value: "known",
              label: "An IAM user that exists",
              description: "They sign in as before, and have this profile besides.",
            },
            ...(mayBeNone ? [none] : []),
          ]}
        />
      </FormField>
      {wish.way === "new" && (
        <FormField
          label="IAM user name"
          constraintText="Letters, digits and _+=,.@- up to 64. Left empty, it is the profile's name."
          errorText={trouble}
        >
          <Input
            value={wish.userName}
            onChange={({ detail }) => change({ userName: detail.value })}
            placeholder={profile}
            spellcheck={false}
            autoComplete={false}
          />
        </FormField>
      )}
      {wish.way === "known" && (
        <FormField label="IAM user" errorText={trouble}>
          <UserField value={wish.userName} onChange={(userName) => change({ userName })} />
        </FormField>
      )}
      {wish.way !== "none" && <PolicyField wish={wish} change={change} />}
    </SpaceBetween>
  );
}

function PolicyField({ wish, change }: Pick<SignInFieldsProps, "wish" | "change">) {
  return (
    <FormField
      label="What they may do"
      description={
        <>
          This binds the person on these pages; their notebooks and jobs work as the execution role.
          They see names and costs of other domains too, until{" "}
          <InnerLink to="/settings">the account's guard on lists</InnerLink> is on.
        </>
      }
      stretch
    >
      <RadioGroup
        ariaLabel="What they may do"
        value={wish.policy}
        onChange={({ detail }) => change({ policy: detail.value as Wish["policy"] })}
        items={[
          {
            value: "domain",
            label: "Work in this domain only",
            description:
              "Their own profile, apps and spaces, the team's shared spaces, the domain's jobs and files, their cost.",
          },
          {
            value: "none",
            label: "Nothing yet",
            description:
              "What they may do is set elsewhere: by policies of the user or of a group.",
          },
        ]}
      />
    </FormField>
  );
}

export function UserField(given: { value: string; onChange: (name: string) => void }) {
  const users = usePages(iam, ListUsersCommand, { MaxItems: 1000 }, "Users", { token: "Marker" });
  return (
    <Autosuggest
      value={given.value}
      options={(users.data ?? []).map(({ UserName = "" }) => ({ value: UserName }))}
      onChange={({ detail }) => given.onChange(detail.value)}
      enteredTextLabel={(text) => `Use ${text}`}
      ariaLabel="IAM user"
      statusType={users.data || users.problem ? "finished" : "loading"}
      loadingText="Loading users"
      empty={users.problem ? `They cannot be listed: ${users.problem.message}` : "No user yet"}
    />
  );
}
