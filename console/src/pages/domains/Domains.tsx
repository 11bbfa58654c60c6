// /console/domains: every domain of the account side by side. A handful of calls for a thousand of
// them: lists for the whole, and one small call for each row on the screen (Cells).
import { type DomainDetails, ListDomainsCommand } from "@aws-sdk/client-sagemaker";
import { useMemo } from "react";
import { whileAny } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { usePages } from "~/aws/useCall";
import { bytes, money } from "~/format/amounts";
import { useBreadcrumbs } from "~/page/breadcrumbs";
import { Help, useHelp } from "~/page/help";
import { InnerButton } from "~/parts/InnerButton";
import { InnerLink } from "~/parts/InnerLink";
import { isPassing, Status } from "~/parts/Status";
import { When } from "~/parts/When";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { Empty } from "~/views/Empty";
import { NetworkCell } from "./NetworkCell";
import { UsersCell } from "./UsersCell";
import { type ByDomain, useByDomain } from "./useByDomain";

const HELP = (
  <Help title="Domains">
    <p>
      A domain is one line of business: its own people, files, network and money. What is made
      inside carries the domain's tag, and the isolation policy keeps other domains out.
    </p>
    <p>
      Apps are those that run. Costs are this month's so far, in UTC days, before credits. Storage
      is what its files take.
    </p>
  </Help>
);

const poll = whileAny<DomainDetails>((domain) => isPassing(domain.Status));

export default function Domains() {
  useBreadcrumbs([{ text: "Domains" }]);
  useHelp(HELP);
  const domains = usePages(sagemaker, ListDomainsCommand, { MaxResults: 100 }, "Domains", {
    every: poll,
  });
  const sums = useByDomain();
  const columns = useMemo(() => columnsOf(sums), [sums]);
  return (
    <DataTable<DomainDetails>
      id="domains"
      title="Domains"
      headingTag="h1"
      nouns={["domain", "domains"]}
      of={domains}
      rowId={(domain) => domain.DomainId ?? ""}
      columns={columns}
      actions={
        <InnerButton to="/domains/create" variant="primary">
          Create domain
        </InnerButton>
      }
      empty={
        <Empty
          title="No domains yet"
          action={<InnerButton to="/domains/create">Create domain</InnerButton>}
        >
          A domain gives a team its notebooks, files, network and budget. The first takes one click.
        </Empty>
      }
    />
  );
}

function columnsOf(sums: ByDomain): Column<DomainDetails>[] {
  const id = (domain: DomainDetails) => domain.DomainId ?? "";
  return [
    {
      id: "name",
      header: "Name",
      isRowHeader: true,
      minWidth: 200,
      value: (domain) => domain.DomainName,
      cell: (domain) => <InnerLink to={`/domains/${id(domain)}`}>{domain.DomainName}</InnerLink>,
    },
    {
      id: "id",
      header: "ID",
      minWidth: 162,
      value: id,
      cell: (domain) => <code>{id(domain)}</code>,
    },
    {
      id: "status",
      header: "Status",
      minWidth: 125,
      value: (domain) => domain.Status,
      cell: (domain) => <Status status={domain.Status} />,
    },
    {
      id: "network",
      header: "Network",
      minWidth: 100,
      cell: (domain) => <NetworkCell domainId={id(domain)} />,
    },
    {
      id: "users",
      header: "Users",
      minWidth: 82,
      cell: (domain) => <UsersCell domainId={id(domain)} />,
    },
    {
      id: "apps",
      header: "Apps",
      minWidth: 85,
      value: (domain) => sums.apps.of(id(domain)) ?? 0,
      cell: (domain) => <Sum of={sums.apps} value={sums.apps.of(id(domain))} />,
    },
    {
      id: "storage",
      header: "Storage",
      minWidth: 110,
      value: (domain) => sums.storage.of(id(domain)) ?? 0,
      cell: (domain) => <Sum of={sums.storage} value={sums.storage.of(id(domain))} as={bytes} />,
    },
    {
      id: "cost",
      header: "Month's cost",
      minWidth: 110,
      value: (domain) => sums.cost.of(id(domain)) ?? 0,
      cell: (domain) => <Sum of={sums.cost} value={sums.cost.of(id(domain))} as={money} />,
    },
    timeColumn("created", "Created", (domain) => domain.CreationTime, 110),
    {
      id: "modified",
      header: "Last modified",
      isHidden: true,
      minWidth: 150,
      value: (domain) => domain.LastModifiedTime?.getTime(),
      cell: (domain) => <When at={domain.LastModifiedTime} />,
    },
  ];
}

interface SumProps {
  of: ByDomain["apps"];
  value: number | undefined;
  as?: (value: number) => string;
}

/** A number of a list call: nothing while it loads, and why not where it was refused. */
function Sum({ of, value, as = String }: SumProps) {
  if (of.problem) {
    return (
      <span title={of.problem.message}>
        {of.problem.kind === "forbidden" ? "No access" : "Unknown"}
      </span>
    );
  }
  return <span className="number">{of.isReady ? as(value ?? 0) : "..."}</span>;
}
