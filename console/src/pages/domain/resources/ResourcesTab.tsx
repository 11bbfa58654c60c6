// Everything that carries this domain's tag: jobs, experiments, pipelines, models, registry, apps,
// files, each with whose it is, by the tags themselves.
import {
  GetResourcesCommand,
  type ResourceTagMapping,
} from "@aws-sdk/client-resource-groups-tagging-api";
import Select from "@cloudscape-design/components/select";
import { useMemo } from "react";
import { tagging } from "~/aws/services/tagging";
import { usePages } from "~/aws/useCall";
import { useUrlState } from "~/page/urlState";
import { Copy } from "~/parts/Copy";
import { InnerLink } from "~/parts/InnerLink";
import {
  DOMAIN_TAG,
  OwnerLink,
  ownerOfTags,
  PROFILE_TAG,
  tagOf,
  wordsOf,
} from "~/studio/OwnerLink";
import { type Column, DataTable } from "~/table/DataTable";
import { Empty } from "~/views/Empty";
import { kindOf } from "./kinds";

export function ResourcesTab({ domainArn }: { domainArn: string }) {
  const [type, chooseType] = useUrlState("type");
  const all = usePages(
    tagging,
    GetResourcesCommand,
    { TagFilters: [{ Key: DOMAIN_TAG, Values: [domainArn] }], ResourcesPerPage: 100 },
    "ResourceTagMappingList",
    { token: "PaginationToken" },
  );
  const types = useMemo(() => typesOf(all.data ?? []), [all.data]);
  const shown = useMemo(
    () => ({ ...all, data: all.data?.filter((one) => !type || wordsFor(one) === type) }),
    [all, type],
  );
  const options = [
    { value: "", label: "All types" },
    ...types.map(([words, number]) => ({ value: words, label: words, labelTag: String(number) })),
  ];
  return (
    <DataTable<ResourceTagMapping>
      id="resources"
      title="Resources"
      description="What carries this domain's tag, and whose tag it carries beside."
      nouns={["resource", "resources"]}
      of={shown}
      rowId={(one) => one.ResourceARN ?? ""}
      columns={COLUMNS}
      filters={
        <Select
          selectedOption={
            options.find(({ value }) => value === type) ?? { value: type, label: type }
          }
          options={options}
          onChange={({ detail }) => chooseType(detail.selectedOption.value ?? "")}
          ariaLabel="Type"
        />
      }
      empty={
        <Empty title="Nothing yet">
          What people of this domain make from their notebooks appears here with its first tag.
        </Empty>
      }
    />
  );
}

const wordsFor = (one: ResourceTagMapping): string => kindOf(one.ResourceARN ?? "").words;

function typesOf(all: ResourceTagMapping[]): Array<[string, number]> {
  const found = new Map<string, number>();
  for (const one of all) found.set(wordsFor(one), (found.get(wordsFor(one)) ?? 0) + 1);
  return [...found].sort(([a], [b]) => a.localeCompare(b));
}

const COLUMNS: Column<ResourceTagMapping>[] = [
  {
    id: "name",
    header: "Name",
    isRowHeader: true,
    minWidth: 280,
    value: (one) => kindOf(one.ResourceARN ?? "").name,
    cell: (one) => {
      const { name, to } = kindOf(one.ResourceARN ?? "");
      return <span className="break">{to ? <InnerLink to={to}>{name}</InnerLink> : name}</span>;
    },
  },
  {
    id: "type",
    header: "Type",
    minWidth: 190,
    value: wordsFor,
    cell: wordsFor,
  },
  {
    id: "creator",
    header: "Made by",
    minWidth: 190,
    value: (one) => wordsOf(ownerOfTags(one.Tags)),
    cell: (one) => <OwnerLink owner={ownerOfTags(one.Tags)} />,
  },
  {
    id: "arn",
    header: "ARN",
    minWidth: 420,
    value: (one) => one.ResourceARN,
    cell: (one) => <Copy text={one.ResourceARN ?? ""} what="The ARN" />,
  },
  {
    id: "profile",
    header: "User profile's ARN",
    isHidden: true,
    minWidth: 300,
    value: (one) => tagOf(one.Tags, PROFILE_TAG),
    cell: (one) => <span className="break">{tagOf(one.Tags, PROFILE_TAG) || "-"}</span>,
  },
  {
    id: "tags",
    header: "Tags",
    isHidden: true,
    minWidth: 260,
    value: (one) => one.Tags?.map(({ Key, Value }) => `${Key}=${Value}`).join(", "),
    cell: (one) => (
      <span className="break">
        {one.Tags?.map(({ Key, Value }) => `${Key}=${Value}`).join(", ")}
      </span>
    ),
  },
];
