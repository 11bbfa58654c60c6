// What a domain is, at a glance.
import type { DescribeDomainResponse } from "@aws-sdk/client-sagemaker";
import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { bytes, money } from "~/format/amounts";
import { NETWORKS } from "~/pages/domains/NetworkCell";
import { useByDomain } from "~/pages/domains/useByDomain";
import { Copy } from "~/parts/Copy";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";

export function OverviewTab({ domain }: { domain: DescribeDomainResponse }) {
  const sums = useByDomain();
  const id = domain.DomainId ?? "";
  const type = domain.AppNetworkAccessType ?? "PublicInternetOnly";
  const role = domain.DefaultUserSettings?.ExecutionRole;
  return (
    <SpaceBetween size="l">
      {domain.FailureReason && (
        <Alert type="error" header="What went wrong">
          {domain.FailureReason}
        </Alert>
      )}
      <Container header={<Header variant="h2">Now</Header>}>
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Status", value: <Status status={domain.Status} /> },
            { label: "Running apps", value: sums.apps.isReady ? (sums.apps.of(id) ?? 0) : "..." },
            {
              label: "Storage",
              value: sums.storage.isReady ? bytes(sums.storage.of(id) ?? 0) : "...",
            },
            { label: "Cost this month", value: worth(sums.cost.problem, sums.cost.of(id)) },
          ]}
        />
      </Container>
      <Container header={<Header variant="h2">General</Header>}>
        <KeyValuePairs
          columns={3}
          minColumnWidth={220}
          items={[
            { label: "ARN", value: <Copy text={domain.DomainArn ?? ""} what="The domain's ARN" /> },
            { label: "Created", value: <When at={domain.CreationTime} /> },
            { label: "Last modified", value: <When at={domain.LastModifiedTime} /> },
            {
              label: "Default execution role",
              value: role ? <Copy text={role} what="The role's ARN" /> : "-",
            },
            { label: "Sign-in", value: domain.AuthMode === "SSO" ? "Identity Center" : "IAM" },
            {
              label: "Tag propagation",
              value:
                domain.TagPropagation === "ENABLED" ? "Custom tags go on" : "Automatic tags only",
            },
            { label: "Network", value: NETWORKS[type] ?? type },
            { label: "VPC", value: <Copy text={domain.VpcId ?? "-"} what="The VPC's ID" /> },
            {
              label: "File system",
              value: <Copy text={domain.HomeEfsFileSystemId ?? "-"} what="The file system's ID" />,
            },
          ]}
        />
      </Container>
    </SpaceBetween>
  );
}

function worth(problem: unknown, usd: number | undefined): string {
  return problem ? "No access" : money(usd ?? 0);
}
