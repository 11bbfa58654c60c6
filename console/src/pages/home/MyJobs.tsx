// The latest jobs that a person started, by the automatic tag; all of them are one click away.
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { duration } from "~/format/time";
import { jobPath, seconds } from "~/pages/jobs/useJobs";
import { InnerButton } from "~/parts/InnerButton";
import { InnerLink } from "~/parts/InnerLink";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";
import { Updated } from "~/table/Updated";
import { View } from "~/views/View";
import type { Me } from "./mine";
import { type MyJob, useMyJobs } from "./useMyJobs";

export function MyJobs({ me }: { me: Me }) {
  const jobs = useMyJobs(me);
  const { userProfileName: creator, domainId: domain } = me;
  return (
    <View of={jobs} what={`the jobs of ${creator}`}>
      {(found) => (
        <Table<MyJob>
          items={found}
          trackBy="arn"
          wrapLines
          resizableColumns
          ariaLabels={{ tableLabel: "Jobs" }}
          header={
            <Header
              variant="h2"
              counter={`(${found.length})`}
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Updated of={jobs} what="your jobs" />
                  <InnerButton to={`/jobs?${new URLSearchParams({ domain, creator })}`}>
                    All jobs
                  </InnerButton>
                </SpaceBetween>
              }
            >
              Latest jobs
            </Header>
          }
          empty={
            <Box color="inherit">
              You have started no jobs lately. They are started from a notebook by the SageMaker
              SDK.
            </Box>
          }
          columnDefinitions={[
            {
              id: "name",
              header: "Name",
              isRowHeader: true,
              width: 260,
              minWidth: 140,
              cell: (job) => (
                <InnerLink to={jobPath(job)}>
                  <span className="break">{job.name}</span>
                </InnerLink>
              ),
            },
            { id: "kind", header: "Kind", width: 120, minWidth: 110, cell: (job) => job.kind },
            {
              id: "status",
              header: "Status",
              width: 150,
              minWidth: 125,
              cell: (job) => <Status status={job.status} />,
            },
            {
              id: "duration",
              header: "Duration",
              width: 130,
              minWidth: 110,
              cell: (job) => <span className="number">{duration(seconds(job) ?? 0)}</span>,
            },
            {
              id: "created",
              header: "Created",
              width: 150,
              minWidth: 120,
              cell: (job) => <When at={job.created} />,
            },
          ]}
        />
      )}
    </View>
  );
}
