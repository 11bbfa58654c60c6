// The versions of a group: look at one, approve or reject it.
import { ListModelPackagesCommand, type ModelPackageSummary } from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { whileAny } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { usePages } from "~/aws/useCall";
import { InnerLink } from "~/parts/InnerLink";
import { isPassing, Status } from "~/parts/Status";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { Empty } from "~/views/Empty";
import { Approval } from "../Approval";
import { type Answer, DecideDialog } from "../DecideDialog";
import { versionPath } from "../paths";

const poll = whileAny<ModelPackageSummary>((one) => isPassing(one.ModelPackageStatus));

export function VersionsTab({ group }: { group: string }) {
  const [chosen, choose] = useState<ModelPackageSummary[]>([]);
  const [asking, ask] = useState<Answer | null>(null);
  const versions = usePages(
    sagemaker,
    ListModelPackagesCommand,
    {
      ModelPackageGroupName: group,
      MaxResults: 100,
      SortBy: "CreationTime",
      SortOrder: "Descending",
    },
    "ModelPackageSummaryList",
    { every: poll },
  );
  const one = versions.data?.find((it) => it.ModelPackageArn === chosen[0]?.ModelPackageArn);
  return (
    <>
      <DataTable<ModelPackageSummary>
        id="versions"
        title="Versions"
        nouns={["version", "versions"]}
        of={versions}
        rowId={(it) => `version ${it.ModelPackageVersion}`}
        columns={columnsOf(group)}
        selection={{ type: "single", items: one ? [one] : [], onChange: choose }}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              disabled={!one || one.ModelApprovalStatus === "Rejected"}
              onClick={() => ask("Rejected")}
            >
              Reject
            </Button>
            <Button
              variant="primary"
              disabled={!one || one.ModelApprovalStatus === "Approved"}
              onClick={() => ask("Approved")}
            >
              Approve
            </Button>
          </SpaceBetween>
        }
        empty={
          <Empty title="No versions yet">
            A version is made by <code>model.register(...)</code> with the name of this group.
          </Empty>
        }
      />
      {asking && one && (
        <DecideDialog
          arn={one.ModelPackageArn ?? ""}
          name={`${group} ${one.ModelPackageVersion}`}
          answer={asking}
          onClose={() => ask(null)}
        />
      )}
    </>
  );
}

function columnsOf(group: string): Column<ModelPackageSummary>[] {
  return [
    {
      id: "version",
      header: "Version",
      isRowHeader: true,
      minWidth: 110,
      value: (one) => one.ModelPackageVersion,
      cell: (one) => (
        <InnerLink to={versionPath(group, String(one.ModelPackageVersion))}>
          {one.ModelPackageVersion}
        </InnerLink>
      ),
    },
    {
      id: "approval",
      header: "Approval",
      minWidth: 180,
      value: (one) => one.ModelApprovalStatus,
      cell: (one) => <Approval status={one.ModelApprovalStatus} />,
    },
    {
      id: "status",
      header: "Status",
      minWidth: 130,
      value: (one) => one.ModelPackageStatus,
      cell: (one) => <Status status={one.ModelPackageStatus} />,
    },
    {
      id: "description",
      header: "Description",
      minWidth: 220,
      value: (one) => one.ModelPackageDescription,
      cell: (one) => one.ModelPackageDescription ?? "-",
    },
    timeColumn("created", "Created", (one) => one.CreationTime),
  ];
}
