import type { Column } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import type { Untagged } from "./found";
import type { Hint } from "./suggest";
import { type Target, words } from "./targets";

export function columnsOf(
  targets: Map<string, Target>,
  hints: Map<string, Hint>,
): Column<Untagged>[] {
  return [
    {
      id: "name",
      header: "Name",
      isRowHeader: true,
      minWidth: 230,
      value: (one) => one.name,
      cell: (one) => (
        <span className="break" title={one.arn}>
          {one.name}
        </span>
      ),
    },
    {
      id: "type",
      header: "Type",
      minWidth: 160,
      value: (one) => one.type,
      cell: (one) => one.type,
    },
    timeColumn("created", "Created", (one) => one.created, 130),
    {
      id: "creator",
      header: "Made by",
      minWidth: 140,
      value: (one) => hints.get(one.arn)?.creator,
      cell: (one) => {
        const hint = hints.get(one.arn);
        return hint ? hint.creator || "Not known" : "-";
      },
    },
    {
      id: "target",
      header: "Goes to",
      minWidth: 260,
      value: (one) => {
        const target = targets.get(one.arn);
        return target && words(target);
      },
      cell: (one) => <Place of={targets.get(one.arn)} isAsked={hints.has(one.arn)} />,
    },
    {
      id: "arn",
      header: "ARN",
      minWidth: 320,
      isHidden: true,
      value: (one) => one.arn,
      cell: (one) => <code className="break">{one.arn}</code>,
    },
    {
      id: "tags",
      header: "Other tags",
      minWidth: 220,
      isHidden: true,
      value: (one) => Object.entries(one.tags).join(" "),
      cell: (one) => (
        <span className="break">
          {Object.entries(one.tags)
            .map(([key, value]) => `${key} = ${value}`)
            .join(", ") || "-"}
        </span>
      ),
    },
  ];
}

function Place({ of, isAsked }: { of: Target | undefined; isAsked: boolean }) {
  if (!of) return <>{isAsked ? "No suggestion" : "-"}</>;
  return (
    <span className="break">
      {words(of)}
      <br />
      <small>{of.reason}</small>
    </span>
  );
}
