// What a training job measured at its end, read off its log by its own expressions.
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import { figure } from "~/format/figure";
import { InnerLink } from "~/parts/InnerLink";
import { When } from "~/parts/When";
import type { JobFacts } from "./facts";

export function MetricsTab({ facts }: { facts: JobFacts }) {
  const { metrics, experiment, kind } = facts;
  return (
    <Table
      items={metrics}
      trackBy="name"
      wrapLines
      ariaLabels={{ tableLabel: "Metrics" }}
      header={
        <Header
          variant="h2"
          counter={`(${metrics.length})`}
          description={
            experiment ? (
              <>
                The course of each is with the runs of{" "}
                <InnerLink to={`/experiments/${encodeURIComponent(experiment)}`}>
                  {experiment}
                </InnerLink>
                .
              </>
            ) : (
              "The last value of each. A run of an experiment shows their course."
            )
          }
        >
          Metrics
        </Header>
      }
      empty={
        <Box color="inherit">
          {kind === "Training"
            ? "None: the job defines no metrics, or has not ended yet."
            : "Processing jobs measure nothing by themselves: log to a run of an experiment."}
        </Box>
      }
      columnDefinitions={[
        { id: "name", header: "Name", isRowHeader: true, cell: (of) => of.name },
        {
          id: "value",
          header: "Last value",
          cell: (of) => <span className="number">{figure(of.value)}</span>,
        },
        { id: "at", header: "Measured", cell: (of) => <When at={of.at} /> },
      ]}
    />
  );
}
