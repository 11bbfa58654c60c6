// /console/experiments/{name}: its runs, and several of them compared.
import { DescribeExperimentCommand } from "@aws-sdk/client-sagemaker";
import { useParams } from "react-router";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";
import { Page } from "~/page/Page";
import { TabsInUrl } from "~/page/TabsInUrl";
import { View } from "~/views/View";
import { CompareTab } from "./CompareTab";
import { RunsTab } from "./RunsTab";
import { useRuns } from "./useRuns";

export default function Experiment() {
  const { ExperimentName = "" } = useParams();
  const experiment = useCall(sagemaker, DescribeExperimentCommand, { ExperimentName });
  const runs = useRuns(ExperimentName);
  const name = experiment.data?.DisplayName ?? ExperimentName;
  return (
    <Page
      title={name}
      above={[{ text: "Experiments", to: "/experiments" }]}
      description={experiment.data?.Description ?? "Experiment"}
    >
      <View of={experiment} what={`the experiment ${ExperimentName}`}>
        {() => (
          <TabsInUrl
            label={`Experiment ${name}`}
            tabs={[
              { id: "runs", label: "Runs", content: () => <RunsTab runs={runs} /> },
              { id: "compare", label: "Compare", content: () => <CompareTab runs={runs} /> },
            ]}
          />
        )}
      </View>
    </Page>
  );
}
