// Which apps and tools a domain's people are offered: shown and changed by UpdateDomain.
import type { DescribeDomainResponse, UserSettings } from "@aws-sdk/client-sagemaker";
import type { Field } from "~/dialogs/EditDialog";
import { HiddenField } from "~/studio/portal/HiddenField";
import { APPS, hiddenOf, TOOLS, wordsOf } from "~/studio/portal/portal";
import type { Section } from "./section";

const hidden = (domain: DescribeDomainResponse) => hiddenOf(domain, undefined);
const listed = (text = "") => text.split(" ").filter(Boolean);

function seenField(id: string, label: string, known: typeof APPS, names: string[]): Field {
  return {
    id,
    label,
    value: names.join(" "),
    control: (now, change) => (
      <HiddenField
        known={known}
        hidden={listed(now)}
        onChange={(names) => change(names.join(" "))}
      />
    ),
  };
}

export const SEEN: Section = {
  title: "What people see",
  note: "What is hidden is not offered to people in this console; it forbids nothing. A user profile's own list takes its place.",
  facts: (domain) => [
    { label: "Hidden applications", value: wordsOf(hidden(domain).apps, APPS) || "None" },
    { label: "Hidden ML tools", value: wordsOf(hidden(domain).tools, TOOLS) || "None" },
  ],
  fields: (domain) => [
    seenField("apps", "Applications", APPS, hidden(domain).apps),
    seenField("tools", "ML tools", TOOLS, hidden(domain).tools),
  ],
  request: ({ apps, tools }) => ({
    DefaultUserSettings: {
      StudioWebPortalSettings: { HiddenAppTypes: listed(apps), HiddenMlTools: listed(tools) },
    } as UserSettings,
  }),
};
