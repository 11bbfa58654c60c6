// /console/pipelines: definitions of work in steps, of all domains.
import { ListPipelinesCommand, type PipelineSummary } from "@aws-sdk/client-sagemaker";
import { useMemo } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { usePages } from "~/aws/useCall";
import { ownerColumns } from "~/owners/OwnerCells";
import { useTags } from "~/owners/owners";
import { useDomainNames } from "~/owners/useDomainNames";
import { useBreadcrumbs } from "~/page/breadcrumbs";
import { InnerLink } from "~/parts/InnerLink";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { Empty } from "~/views/Empty";

const NAMED: Column<PipelineSummary>[] = [
  {
    id: "name",
    header: "Name",
    isRowHeader: true,
    minWidth: 220,
    value: (one) => one.PipelineDisplayName ?? one.PipelineName,
    cell: (one) => (
      <InnerLink to={`/pipelines/${encodeURIComponent(one.PipelineName ?? "")}`}>
        {one.PipelineDisplayName ?? one.PipelineName}
      </InnerLink>
    ),
  },
];
const TIMES: Column<PipelineSummary>[] = [
  timeColumn("created", "Created", (one) => one.CreationTime),
  timeColumn("modified", "Last modified", (one) => one.LastModifiedTime, 150),
];

export default function Pipelines() {
  useBreadcrumbs([{ text: "Pipelines" }]);
  const pipelines = usePages(
    sagemaker,
    ListPipelinesCommand,
    { MaxResults: 100 },
    "PipelineSummaries",
  );
  const tags = useTags(["sagemaker:pipeline"]);
  const names = useDomainNames();
  const columns = useMemo(() => {
    const arnOf = (one: PipelineSummary) => one.PipelineArn ?? "";
    return [...NAMED, ...ownerColumns(arnOf, { tags, names }), ...TIMES];
  }, [tags, names]);
  return (
    <DataTable<PipelineSummary>
      id="pipelines"
      title="Pipelines"
      headingTag="h1"
      nouns={["pipeline", "pipelines"]}
      of={pipelines}
      rowId={(one) => one.PipelineName ?? ""}
      columns={columns}
      empty={
        <Empty title="No pipelines yet">
          A pipeline's definition is kept by <code>pipeline.upsert(role_arn=...)</code>. This server
          keeps definitions; it does not run them yet.
        </Empty>
      }
    />
  );
}
