// "Apps and environment" of a domain's settings: what people see, and what their apps start with.
import type { DescribeDomainResponse } from "@aws-sdk/client-sagemaker";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { ImagesBox } from "./ImagesBox";
import { RepositoriesBox } from "./RepositoriesBox";
import { ScriptsBox } from "./ScriptsBox";

export function Environment({ domain }: { domain: DescribeDomainResponse }) {
  return (
    <SpaceBetween size="l">
      <ScriptsBox domain={domain} />
      <ImagesBox domain={domain} />
      <RepositoriesBox domain={domain} />
    </SpaceBetween>
  );
}
