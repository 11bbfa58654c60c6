// The groups of the registry, each with its latest version and whether that is approved.
import {
  ListModelPackageGroupsCommand,
  ListModelPackagesCommand,
  type ModelPackageGroupSummary,
} from "@aws-sdk/client-sagemaker";
import { useMemo } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall, usePages } from "~/aws/useCall";
import { ownerColumns } from "~/owners/OwnerCells";
import { useTags } from "~/owners/owners";
import { useDomainNames } from "~/owners/useDomainNames";
import { InnerLink } from "~/parts/InnerLink";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { Empty } from "~/views/Empty";
import { Approval } from "./Approval";
import { groupPath, versionPath } from "./paths";

type Group = ModelPackageGroupSummary;

export function GroupsTab() {
  const groups = usePages(
    sagemaker,
    ListModelPackageGroupsCommand,
    { MaxResults: 100, SortBy: "CreationTime", SortOrder: "Descending" },
    "ModelPackageGroupSummaryList",
  );
  const tags = useTags(["sagemaker:model-package-group"]);
  const names = useDomainNames();
  const columns = useMemo(() => {
    const arnOf = (group: Group) => group.ModelPackageGroupArn ?? "";
    return [...NAMED, ...ownerColumns(arnOf, { tags, names }), ...LATEST];
  }, [tags, names]);
  return (
    <DataTable<Group>
      id="groups"
      title="Model groups"
      nouns={["group", "groups"]}
      of={groups}
      rowId={(group) => group.ModelPackageGroupName ?? ""}
      columns={columns}
      empty={
        <Empty title="No model groups yet">
          A group is made by <code>model.register(model_package_group_name=...)</code>, or by{" "}
          <code>aws sagemaker create-model-package-group</code>.
        </Empty>
      }
    />
  );
}

const NAMED: Column<Group>[] = [
  {
    id: "name",
    header: "Name",
    isRowHeader: true,
    minWidth: 200,
    value: (group) => group.ModelPackageGroupName,
    cell: (group) => (
      <InnerLink to={groupPath(group.ModelPackageGroupName ?? "")}>
        {group.ModelPackageGroupName}
      </InnerLink>
    ),
  },
  {
    id: "description",
    header: "Description",
    minWidth: 180,
    value: (group) => group.ModelPackageGroupDescription,
    cell: (group) => group.ModelPackageGroupDescription ?? "-",
  },
];
const LATEST: Column<Group>[] = [
  {
    id: "latest",
    header: "Latest version",
    minWidth: 240,
    cell: (group) => <Latest group={group.ModelPackageGroupName ?? ""} />,
  },
  timeColumn("created", "Created", (group) => group.CreationTime),
];

/** Of a row on the screen: one small call. */
function Latest({ group }: { group: string }) {
  const { data, problem } = useCall(sagemaker, ListModelPackagesCommand, {
    ModelPackageGroupName: group,
    MaxResults: 1,
    SortBy: "CreationTime",
    SortOrder: "Descending",
  });
  if (problem) return <span title={problem.message}>No access</span>;
  if (!data) return <>...</>;
  const latest = data.ModelPackageSummaryList?.[0];
  if (!latest) return <>None yet</>;
  const version = String(latest.ModelPackageVersion ?? "");
  return (
    <>
      <InnerLink to={versionPath(group, version)}>{version}</InnerLink>{" "}
      <Approval status={latest.ModelApprovalStatus} />
    </>
  );
}
