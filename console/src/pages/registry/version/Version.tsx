// /console/registry/{group}/{version}: one version: its approval, where it comes from, its metrics.
import {
  DescribeModelPackageCommand,
  type DescribeModelPackageCommandOutput,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useParams } from "react-router";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";
import { Page } from "~/page/Page";
import { useIdentity } from "~/session/useSession";
import { View } from "~/views/View";
import { type Answer, DecideDialog } from "../DecideDialog";
import { groupPath } from "../paths";
import { Containers } from "./Containers";
import { Facts } from "./Facts";
import { Reports } from "./Reports";

export default function Version() {
  const { GroupName = "", VersionNumber = "" } = useParams();
  const { region, accountId } = useIdentity();
  const arn = `arn:aws:sagemaker:${region}:${accountId}:model-package/${GroupName}/${VersionNumber}`;
  const version = useCall(sagemaker, DescribeModelPackageCommand, { ModelPackageName: arn });
  const name = `${GroupName} ${VersionNumber}`;
  return (
    <Page
      title={name}
      above={[
        { text: "Model registry", to: "/registry" },
        { text: GroupName, to: groupPath(GroupName) },
      ]}
      description={version.data?.ModelPackageDescription ?? "Model version"}
      actions={version.data && <Decide version={version.data} name={name} />}
    >
      <View of={version} what={`the model version ${name}`}>
        {(data) => (
          <SpaceBetween size="l">
            <Facts version={data} />
            <Containers version={data} />
            <Reports version={data} />
          </SpaceBetween>
        )}
      </View>
    </Page>
  );
}

function Decide({ version, name }: { version: DescribeModelPackageCommandOutput; name: string }) {
  const [asking, ask] = useState<Answer | null>(null);
  const now = version.ModelApprovalStatus;
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button disabled={now === "Rejected"} onClick={() => ask("Rejected")}>
        Reject
      </Button>
      <Button variant="primary" disabled={now === "Approved"} onClick={() => ask("Approved")}>
        Approve
      </Button>
      {asking && (
        <DecideDialog
          arn={version.ModelPackageArn ?? ""}
          name={name}
          answer={asking}
          onClose={() => ask(null)}
        />
      )}
    </SpaceBetween>
  );
}
