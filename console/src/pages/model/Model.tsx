// /console/models/{name}: what a model is made of.
import {
  type ContainerDefinition,
  DeleteModelCommand,
  DescribeModelCommand,
  ListTagsCommand,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { useCall, usePages } from "~/aws/useCall";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { Page } from "~/page/Page";
import { Copy } from "~/parts/Copy";
import { When } from "~/parts/When";
import { S3Place } from "~/s3/S3Place";
import { TagList } from "~/table/TagList";
import { View } from "~/views/View";

export default function Model() {
  const { ModelName = "" } = useParams();
  const model = useCall(sagemaker, DescribeModelCommand, { ModelName });
  const tags = usePages(
    sagemaker,
    ListTagsCommand,
    { ResourceArn: model.data?.ModelArn ?? "", MaxResults: 100 },
    "Tags",
    { skip: !model.data },
  );
  return (
    <Page
      title={ModelName}
      above={[{ text: "Model registry", to: "/registry?tab=models" }]}
      description="Model"
      actions={model.data && <Delete name={ModelName} />}
    >
      <View of={model} what={`the model ${ModelName}`}>
        {(data) => (
          <SpaceBetween size="l">
            <Container header={<Header variant="h2">General</Header>}>
              <KeyValuePairs
                columns={3}
                items={[
                  { label: "ARN", value: <Copy text={data.ModelArn ?? ""} what="The ARN" /> },
                  {
                    label: "Execution role",
                    value: <Copy text={data.ExecutionRoleArn ?? "-"} what="The role's ARN" />,
                  },
                  { label: "Created", value: <When at={data.CreationTime} /> },
                  {
                    label: "Network",
                    value: data.EnableNetworkIsolation
                      ? "Isolated: no network at all"
                      : (data.VpcConfig?.Subnets?.join(", ") ?? "None of its own"),
                  },
                ]}
              />
            </Container>
            {containersOf(data).map((one) => (
              <Part key={`${one.ContainerHostname} ${one.Image}`} of={one} />
            ))}
            <TagList of={tags} what={`the tags of ${ModelName}`} />
          </SpaceBetween>
        )}
      </View>
    </Page>
  );
}

interface Held {
  PrimaryContainer?: ContainerDefinition | undefined;
  Containers?: ContainerDefinition[] | undefined;
}

const containersOf = ({ PrimaryContainer: first, Containers: all = [] }: Held) =>
  first ? [first, ...all] : all;

function Part({ of }: { of: ContainerDefinition }) {
  return (
    <Container header={<Header variant="h2">{of.ContainerHostname ?? "Container"}</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: "Image", value: <Copy text={of.Image ?? "-"} what="The image" /> },
          { label: "Model data", value: <S3Place uri={of.ModelDataUrl} what="The model's data" /> },
          {
            label: "Environment",
            value: (
              <code className="break">
                {Object.entries(of.Environment ?? {})
                  .map(([name, value]) => `${name}=${value}`)
                  .join(" ") || "-"}
              </code>
            ),
          },
        ]}
      />
    </Container>
  );
}

function Delete({ name }: { name: string }) {
  const [isAsking, ask] = useState(false);
  const navigate = useNavigate();
  const remove = useAction(
    async () => {
      await sagemaker.send(DeleteModelCommand, { ModelName: name });
      navigate("/registry?tab=models");
    },
    { done: () => `Model ${name} was deleted.` },
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
          The model's record goes for good. Its data in S3 and its versions in the registry stay.
        </TypedDelete>
      )}
    </>
  );
}
