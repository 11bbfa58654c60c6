// What a domain is, at a glance.
import { type DescribeDomainResponse, ListAppsCommand } from "@aws-sdk/client-sagemaker";
import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { sagemaker } from "~/aws/services/sagemaker";
import { usePages } from "~/aws/useCall";
import { bytes, money, rate } from "~/format/amounts";
import { NETWORKS } from "~/pages/domains/NetworkCell";
import { type Sums, useByDomain } from "~/pages/domains/useByDomain";
import { Copy } from "~/parts/Copy";
import { InnerLink } from "~/parts/InnerLink";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";
import { useRates } from "~/studio/rates";
import { DomainBudgets, MonthForecast } from "./costs/MonthMoney";

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
            { label: "Running apps", value: <RunningNow domainId={id} /> },
            {
              label: "Storage",
              value: (
                <InnerLink to={`/domains/${id}?tab=files`}>
                  {amount(sums.storage, id, bytes)}
                </InnerLink>
              ),
            },
            {
              label: "Cost this month",
              value: (
                <InnerLink to={`/domains/${id}?tab=costs`}>
                  {amount(sums.cost, id, money)}
                </InnerLink>
              ),
            },
            {
              label: "Forecast for the month",
              value: <MonthForecast domainArn={domain.DomainArn ?? ""} />,
            },
            { label: "Budget", value: <DomainBudgets domainArn={domain.DomainArn ?? ""} /> },
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

function amount(of: Sums, id: string, words: (value: number) => string): string {
  if (of.problem) return of.problem.kind === "forbidden" ? "No access" : "Unknown";
  return of.isReady ? words(of.of(id) ?? 0) : "...";
}

/** How many run, and what they cost together while they do. */
function RunningNow({ domainId }: { domainId: string }) {
  const asked = { DomainIdEquals: domainId, MaxResults: 100 };
  const apps = usePages(sagemaker, ListAppsCommand, asked, "Apps");
  const rates = useRates().data;
  if (apps.problem) return <>No access</>;
  const running = apps.data?.filter(({ Status }) => Status === "InService") ?? [];
  const usd = running.reduce(
    (all, { ResourceSpec }) => all + (rates?.get(ResourceSpec?.InstanceType ?? "")?.usd ?? 0),
    0,
  );
  return (
    <InnerLink to={`/domains/${domainId}?tab=apps`}>
      {apps.data ? `${running.length}${usd ? `, ${rate(usd)}` : ""}` : "..."}
    </InnerLink>
  );
}
