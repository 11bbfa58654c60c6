// The columns of the list of jobs.
import { money } from "~/format/amounts";
import { duration } from "~/format/time";
import { Missing, ownerColumns } from "~/owners/OwnerCells";
import { InnerLink } from "~/parts/InnerLink";
import { Status } from "~/parts/Status";
import type { Column } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { InstanceCell } from "./InstanceCell";
import { type Job, type Jobs, jobPath, seconds } from "./useJobs";

interface Known {
  tags: Jobs["tags"];
  spent: Pick<Jobs["spent"], "isReady" | "problem">;
  names: Map<string, string>;
}

export function jobColumns({ tags, spent, names }: Known): Column<Job>[] {
  return [
    {
      id: "name",
      header: "Name",
      isRowHeader: true,
      minWidth: 175,
      value: (job) => job.name,
      cell: (job) => (
        <InnerLink to={jobPath(job)}>
          <span className="break">{job.name}</span>
        </InnerLink>
      ),
    },
    {
      id: "kind",
      header: "Kind",
      minWidth: 115,
      value: (job) => job.kind,
      cell: (job) => job.kind,
    },
    {
      id: "status",
      header: "Status",
      minWidth: 140,
      value: (job) => job.status,
      cell: (job) => <Status status={job.status} />,
    },
    ...ownerColumns((job: Job) => job.arn, { tags, names }),
    {
      id: "instance",
      header: "Instance",
      minWidth: 128,
      cell: (job) => <InstanceCell job={job} />,
    },
    {
      id: "duration",
      header: "Took",
      minWidth: 90,
      value: seconds,
      cell: (job) => <span className="number">{duration(seconds(job) ?? 0)}</span>,
    },
    {
      id: "cost",
      header: "Cost",
      minWidth: 95,
      value: (job) => job.usd,
      cell: (job) =>
        job.usd === undefined ? (
          <Missing of={spent} otherwise={money(0)} />
        ) : (
          <span className="number">{money(job.usd)}</span>
        ),
    },
    timeColumn("created", "Created", (job) => job.created, 120),
  ];
}
