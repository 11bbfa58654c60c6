// What the pages of both kinds of jobs share: why it failed first, then a tab for each side of it.
import { ListTagsCommand, type Tag } from "@aws-sdk/client-sagemaker";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { type Call, usePages } from "~/aws/useCall";
import { Help, useHelp } from "~/page/help";
import { Page } from "~/page/Page";
import { TabsInUrl } from "~/page/TabsInUrl";
import { useUrlState } from "~/page/urlState";
import type { JobKind } from "~/pages/jobs/useJobs";
import { CliCommand } from "~/parts/CliCommand";
import { TagList } from "~/table/TagList";
import { View } from "~/views/View";
import { DataTab } from "./DataTab";
import type { JobFacts } from "./facts";
import { JobActions } from "./JobActions";
import { LogTab } from "./LogTab";
import { MetricsTab } from "./MetricsTab";
import { OverviewTab } from "./OverviewTab";

interface JobPageProps<T> {
  name: string;
  kind: JobKind;
  of: Call<T>;
  factsOf: (job: T) => JobFacts;
  againOf: (job: T, tags: Tag[]) => string;
  stop: () => Promise<unknown>;
  remove: () => Promise<unknown>;
}

const HELP = (
  <Help title="A job">
    <p>
      It fetches its inputs from S3, runs, and puts its outputs back. Its log can be read while it
      is written, and stays when the job is deleted.
    </p>
    <p>
      <b>Stop</b> asks it to end within two minutes; what it made until then is kept.
    </p>
  </Help>
);

export function JobPage<T>(given: JobPageProps<T>) {
  const { name, kind, of, factsOf, againOf } = given;
  useHelp(HELP);
  const facts = useMemo(() => of.data && factsOf(of.data), [of.data, factsOf]);
  const tags = usePages(
    sagemaker,
    ListTagsCommand,
    { ResourceArn: facts?.arn ?? "", MaxResults: 100 },
    "Tags",
    { skip: !facts },
  );
  const word = kind.toLowerCase();
  return (
    <Page
      title={name}
      above={[{ text: "Jobs", to: "/jobs" }]}
      description={`${kind} job`}
      actions={facts && <JobActions facts={facts} stop={given.stop} remove={given.remove} />}
    >
      <View of={of} what={`the ${word} job ${name}`}>
        {(job) => {
          const known = facts as JobFacts;
          return (
            <SpaceBetween size="l">
              <Failure facts={known} />
              <TabsInUrl
                label={`Job ${name}`}
                tabs={[
                  {
                    id: "overview",
                    label: "Overview",
                    content: () => (
                      <SpaceBetween size="l">
                        <OverviewTab facts={known} tags={tags.data} />
                        <CliCommand
                          title="Create again by the aws CLI"
                          command={againOf(job, tags.data ?? [])}
                        />
                      </SpaceBetween>
                    ),
                  },
                  { id: "log", label: "Log", content: () => <LogTab facts={known} /> },
                  {
                    id: "data",
                    label: "Inputs and outputs",
                    content: () => <DataTab facts={known} />,
                  },
                  { id: "metrics", label: "Metrics", content: () => <MetricsTab facts={known} /> },
                  {
                    id: "tags",
                    label: "Tags",
                    content: () => <TagList of={tags} what={`the tags of ${name}`} />,
                  },
                ]}
              />
            </SpaceBetween>
          );
        }}
      </View>
    </Page>
  );
}

/** Why it failed comes before all else; the log is one step away. */
function Failure({ facts }: { facts: JobFacts }) {
  const [tab, choose] = useUrlState("tab", "overview", { push: true });
  if (!facts.failureReason && !(facts.exitMessage && facts.status === "Failed")) return null;
  return (
    <Alert
      type={facts.status === "Failed" ? "error" : "warning"}
      header={facts.status === "Failed" ? "Why it failed" : "What was said"}
      action={tab !== "log" && <Button onClick={() => choose("log")}>See the log</Button>}
    >
      <pre className="code">{facts.failureReason}</pre>
      {facts.exitMessage && facts.exitMessage !== facts.failureReason && (
        <pre className="code">{facts.exitMessage}</pre>
      )}
    </Alert>
  );
}
