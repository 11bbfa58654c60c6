// /console/jobs: training and processing jobs of all domains in one list.
import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";
import { useDomainNames } from "~/owners/useDomainNames";
import { useBreadcrumbs } from "~/page/breadcrumbs";
import { Help, useHelp } from "~/page/help";
import { DataTable } from "~/table/DataTable";
import { Empty } from "~/views/Empty";
import { ProblemText } from "~/views/ProblemText";
import { JobFilters } from "./JobFilters";
import { jobColumns } from "./jobColumns";
import { useJobFilter, useShown } from "./jobFilter";
import { type Job, useJobs } from "./useJobs";
import { SPENT_DAYS } from "./useSpent";

const HELP = (
  <Help title="Jobs">
    <p>
      A training or processing job runs once on an instance of its own, and costs until it ends.
    </p>
    <p>
      <b>Domain</b> and <b>creator</b> are read from the automatic tags. What is untagged was made
      outside of any domain.
    </p>
    <p>
      <b>Duration</b> is from creation to the end. <b>Cost</b> is of the last {SPENT_DAYS} days.
    </p>
  </Help>
);

export default function Jobs() {
  useBreadcrumbs([{ text: "Jobs" }]);
  useHelp(HELP);
  const { jobs, tags, spent, problems } = useJobs();
  const names = useDomainNames();
  const filter = useJobFilter();
  const shown = useShown(jobs.data, filter);
  const columns = useMemo(() => jobColumns({ tags, spent, names }), [tags, spent, names]);
  return (
    <SpaceBetween size="m">
      {problems.map((problem) => (
        <Alert key={problem.requestId} type="warning" header="Not all jobs are shown">
          <ProblemText problem={problem} />
        </Alert>
      ))}
      <DataTable<Job>
        id="jobs"
        title="Jobs"
        headingTag="h1"
        nouns={["job", "jobs"]}
        of={{ ...jobs, data: shown }}
        rowId={(job) => job.arn}
        columns={columns}
        filters={<JobFilters jobs={jobs.data} filter={filter} names={names} />}
        empty={
          filter.isSet ? (
            <Empty title="No jobs match">Choose less above, or clear the choices.</Empty>
          ) : (
            <Empty title="No jobs yet">
              Jobs are started from notebooks by the SageMaker SDK, or by{" "}
              <code>aws sagemaker create-training-job</code>.
            </Empty>
          )
        }
      />
    </SpaceBetween>
  );
}
