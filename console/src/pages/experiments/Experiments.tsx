// /console/experiments: what is tried and compared, of all domains.
import { type ExperimentSummary, ListExperimentsCommand } from "@aws-sdk/client-sagemaker";
import { useMemo } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { usePages } from "~/aws/useCall";
import { ownerColumns } from "~/owners/OwnerCells";
import { useTags } from "~/owners/owners";
import { useDomainNames } from "~/owners/useDomainNames";
import { useBreadcrumbs } from "~/page/breadcrumbs";
import { Help, useHelp } from "~/page/help";
import { InnerLink } from "~/parts/InnerLink";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { Empty } from "~/views/Empty";

const HELP = (
  <Help title="Experiments">
    <p>
      An experiment holds runs, in trials. A run has parameters, artifacts and metrics; several are
      compared side by side.
    </p>
  </Help>
);
const COLUMNS: Column<ExperimentSummary>[] = [
  {
    id: "name",
    header: "Name",
    isRowHeader: true,
    minWidth: 220,
    value: (one) => one.DisplayName ?? one.ExperimentName,
    cell: (one) => (
      <InnerLink to={`/experiments/${encodeURIComponent(one.ExperimentName ?? "")}`}>
        {one.DisplayName ?? one.ExperimentName}
      </InnerLink>
    ),
  },
];
const TIMES: Column<ExperimentSummary>[] = [
  timeColumn("created", "Created", (one) => one.CreationTime),
  timeColumn("modified", "Last modified", (one) => one.LastModifiedTime, 150),
];

export default function Experiments() {
  useBreadcrumbs([{ text: "Experiments" }]);
  useHelp(HELP);
  const experiments = usePages(
    sagemaker,
    ListExperimentsCommand,
    { MaxResults: 100 },
    "ExperimentSummaries",
  );
  const tags = useTags(["sagemaker:experiment"]);
  const names = useDomainNames();
  const columns = useMemo(() => {
    const owners = ownerColumns((one: ExperimentSummary) => one.ExperimentArn ?? "", {
      tags,
      names,
    });
    return [...COLUMNS, ...owners, ...TIMES];
  }, [tags, names]);
  return (
    <DataTable<ExperimentSummary>
      id="experiments"
      title="Experiments"
      headingTag="h1"
      nouns={["experiment", "experiments"]}
      of={experiments}
      rowId={(one) => one.ExperimentName ?? ""}
      columns={columns}
      empty={
        <Empty title="No experiments yet">
          A notebook makes one by <code>Run</code> of <code>sagemaker.experiments</code>.
        </Empty>
      }
    />
  );
}
