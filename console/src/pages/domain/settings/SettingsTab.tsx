// What holds in a domain, changed where the API lets it be changed, and why not where it does not.
import type { DescribeDomainResponse } from "@aws-sdk/client-sagemaker";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { TagsBox } from "~/studio/TagsBox";
import { Environment } from "./environment/Environment";
import { SettingsBox } from "./SettingsBox";
import { SECTIONS } from "./sections";
import { SEEN } from "./seen";

export function SettingsTab({ domain }: { domain: DescribeDomainResponse }) {
  return (
    <SpaceBetween size="l">
      {SECTIONS.map((section) => (
        <SettingsBox key={section.title} domain={domain} section={section} />
      ))}
      <Header
        variant="h2"
        description="What people see, and what their apps start with. What runs keeps what it was started with."
      >
        Apps and environment
      </Header>
      <SettingsBox domain={domain} section={SEEN} />
      <Environment domain={domain} />
      <TagsBox arn={domain.DomainArn ?? ""} what={domain.DomainName ?? ""} />
    </SpaceBetween>
  );
}
