// The tags of a thing, the automatic ones told apart from those that somebody gave.
import type { Tag } from "@aws-sdk/client-sagemaker";
import Badge from "@cloudscape-design/components/badge";
import type { Call } from "~/aws/useCall";
import { Copy } from "~/parts/Copy";
import { Empty } from "~/views/Empty";
import { type Column, DataTable } from "./DataTable";

export function TagList({ of, what }: { of: Call<Tag[]>; what: string }) {
  return (
    <DataTable<Tag>
      id="tags"
      title="Tags"
      nouns={["tag", "tags"]}
      of={of}
      rowId={(tag) => tag.Key ?? ""}
      columns={COLUMNS}
      empty={
        <Empty title="No tags">
          Nothing says whose this is: {what} are empty. It was made outside of any domain.
        </Empty>
      }
    />
  );
}

const COLUMNS: Column<Tag>[] = [
  {
    id: "key",
    header: "Key",
    isRowHeader: true,
    minWidth: 220,
    value: (tag) => tag.Key,
    cell: (tag) => (
      <>
        <span className="break">{tag.Key}</span>{" "}
        {tag.Key?.startsWith("sagemaker:") && <Badge>automatic</Badge>}
      </>
    ),
  },
  {
    id: "value",
    header: "Value",
    minWidth: 260,
    value: (tag) => tag.Value,
    cell: (tag) => <Copy text={tag.Value ?? ""} what={`The value of ${tag.Key}`} />,
  },
];
