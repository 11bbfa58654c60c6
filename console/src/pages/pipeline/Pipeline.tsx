// /console/pipelines/{name}: its steps and its definition. This server does not start pipelines.
import {
  DeletePipelineCommand,
  DescribePipelineCommand,
  type DescribePipelineCommandOutput,
} from "@aws-sdk/client-sagemaker";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { useCall } from "~/aws/useCall";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { Page } from "~/page/Page";
import { Code } from "~/parts/Code";
import { Copy } from "~/parts/Copy";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";
import { View } from "~/views/View";
import { type PipelineStep, pretty, stepsOf } from "./steps";

export default function Pipeline() {
  const { PipelineName = "" } = useParams();
  const pipeline = useCall(sagemaker, DescribePipelineCommand, { PipelineName });
  const name = pipeline.data?.PipelineDisplayName ?? PipelineName;
  return (
    <Page
      title={name}
      above={[{ text: "Pipelines", to: "/pipelines" }]}
      description={pipeline.data?.PipelineDescription ?? "Pipeline"}
      actions={pipeline.data && <Delete name={PipelineName} />}
    >
      <View of={pipeline} what={`the pipeline ${PipelineName}`}>
        {(data) => (
          <SpaceBetween size="l">
            <Alert type="info">
              This server keeps definitions and does not run them yet: there are no executions.
            </Alert>
            <Facts pipeline={data} />
            <Steps steps={stepsOf(data.PipelineDefinition)} />
            <ExpandableSection variant="container" headerText="Definition">
              <SpaceBetween size="xs">
                <Code text={pretty(data.PipelineDefinition)} what="The definition" />
              </SpaceBetween>
            </ExpandableSection>
          </SpaceBetween>
        )}
      </View>
    </Page>
  );
}

function Facts({ pipeline }: { pipeline: DescribePipelineCommandOutput }) {
  return (
    <Container header={<Header variant="h2">General</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: "Status", value: <Status status={pipeline.PipelineStatus} /> },
          { label: "ARN", value: <Copy text={pipeline.PipelineArn ?? ""} what="The ARN" /> },
          {
            label: "Role",
            value: pipeline.RoleArn ? <Copy text={pipeline.RoleArn} what="The role's ARN" /> : "-",
          },
          { label: "Created", value: <When at={pipeline.CreationTime} /> },
          { label: "Last modified", value: <When at={pipeline.LastModifiedTime} /> },
        ]}
      />
    </Container>
  );
}

function Steps({ steps }: { steps: PipelineStep[] }) {
  return (
    <Table<PipelineStep>
      items={steps}
      trackBy="name"
      wrapLines
      ariaLabels={{ tableLabel: "Steps" }}
      header={
        <Header variant="h2" counter={`(${steps.length})`}>
          Steps
        </Header>
      }
      empty={<Box color="inherit">The definition names no steps.</Box>}
      columnDefinitions={[
        { id: "name", header: "Name", isRowHeader: true, minWidth: 180, cell: (one) => one.name },
        { id: "type", header: "Type", minWidth: 140, cell: (one) => one.type },
        {
          id: "after",
          header: "After",
          minWidth: 200,
          cell: (one) => one.after.join(", ") || "-",
        },
      ]}
    />
  );
}

function Delete({ name }: { name: string }) {
  const [isAsking, ask] = useState(false);
  const navigate = useNavigate();
  const remove = useAction(
    async () => {
      await sagemaker.send(DeletePipelineCommand, {
        PipelineName: name,
        ClientRequestToken: `console-delete-${name}`.padEnd(32, "-").slice(0, 128),
      });
      navigate("/pipelines");
    },
    { done: () => `Pipeline ${name} was deleted.` },
  );
  return (
    <>
      <Button onClick={() => ask(true)}>Delete</Button>
      {isAsking && (
        <TypedDelete
          title={`Delete ${name}?`}
          word={name}
          action={remove}
          onClose={() => ask(false)}
        >
          Its definition goes for good. What its steps once made stays.
        </TypedDelete>
      )}
    </>
  );
}
