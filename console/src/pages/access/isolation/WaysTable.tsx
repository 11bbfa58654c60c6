// Every way across that was found: who, to what, by which statement, and the cure. One opens in full.
import Button from "@cloudscape-design/components/button";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";
import type { Call } from "~/aws/useCall";
import { nameOf } from "~/format/arn";
import { useUrlState, useUrlStates } from "~/page/urlState";
import { type Column, DataTable } from "~/table/DataTable";
import { Empty } from "~/views/Empty";
import type { Run, Way } from "./analysis";
import { Severity } from "./Severity";
import { WayPanel } from "./WayPanel";

const STATUSES = [
  { value: "ACTIVE", label: "Active" },
  { value: "ARCHIVED", label: "Archived" },
  { value: "RESOLVED", label: "Resolved" },
  { value: "all", label: "All" },
];

export function WaysTable({ of, run }: { of: Call<Way[]>; run: Run }) {
  const [query, change] = useUrlStates();
  const [status, setStatus] = useUrlState("status", "ACTIVE");
  const [chosen, choose] = useUrlState("finding", "", { push: true });
  const from = query.get("from") ?? "";
  const to = query.get("to") ?? "";
  const listed = useMemo(
    () => ({
      ...of,
      data: of.data?.filter(
        (way) =>
          (status === "all" || way.status === status) &&
          (!from || way.from === from) &&
          (!to || way.to === to),
      ),
    }),
    [of, status, from, to],
  );
  const open = of.data?.find((way) => way.id === chosen);
  return (
    <>
      <DataTable<Way>
        id="ways"
        title={from || to ? "Ways across, of one pair" : "Ways across"}
        nouns={["way", "ways"]}
        of={listed}
        rowId={(way) => way.id}
        columns={columnsOf(choose)}
        filters={
          <SpaceBetween direction="horizontal" size="xs">
            <Select
              ariaLabel="Status"
              options={STATUSES}
              selectedOption={STATUSES.find((one) => one.value === status) ?? null}
              onChange={({ detail }) => setStatus(detail.selectedOption.value ?? "")}
            />
            {(from || to) && (
              <Button onClick={() => change({ from: null, to: null })}>All domains</Button>
            )}
          </SpaceBetween>
        }
        empty={
          <Empty title={run.verdict ? "No way across" : "Nothing was looked at yet"}>
            {run.verdict
              ? "Nobody of one domain reaches anything of another, as far as this list shows."
              : "Run the check: it takes about half a minute for twenty domains."}
          </Empty>
        }
      />
      {open && <WayPanel of={open} analyzerArn={run.arn} onClose={() => choose("")} />}
    </>
  );
}

/** `DescribeDomain`, of `sagemaker:DescribeDomain`. */
const operation = (action: string): string => action.slice(action.indexOf(":") + 1);

function columnsOf(choose: (id: string) => void): Column<Way>[] {
  return [
    {
      id: "pair",
      header: "From, to",
      isRowHeader: true,
      minWidth: 190,
      value: (way) => `${way.fromName} to ${way.toName}`,
      cell: (way) => (
        <Button variant="inline-link" onClick={() => choose(way.id)}>
          {way.fromName} to {way.toName}
        </Button>
      ),
    },
    {
      id: "severity",
      header: "What it is",
      minWidth: 150,
      value: (way) => way.severity,
      cell: (way) => <Severity of={way} />,
    },
    {
      id: "principal",
      header: "Who",
      minWidth: 170,
      value: (way) => way.principal,
      cell: (way) => (
        <span className="break" title={way.principal}>
          {nameOf(way.principal)}
        </span>
      ),
    },
    {
      id: "actions",
      header: "May do",
      minWidth: 210,
      value: (way) => way.actions.join(" "),
      cell: (way) => (
        <span className="break" title={way.actions.join(", ")}>
          {way.actions.slice(0, 3).map(operation).join(", ")}
          {way.actions.length > 3 ? ` and ${way.actions.length - 3} more` : ""}
        </span>
      ),
    },
    {
      id: "resource",
      header: "On",
      minWidth: 200,
      value: (way) => way.resource,
      cell: (way) => (
        <span className="break" title={way.resource}>
          {way.resource.split(":").slice(5).join(":") || way.resource}
          {way.count > 1 ? ` and ${way.count - 1} more` : ""}
        </span>
      ),
    },
    {
      id: "statement",
      header: "By statement",
      minWidth: 200,
      value: (way) => `${way.policy} ${way.statement}`,
      cell: (way) => (
        <span className="break">
          {way.statement} of {nameOf(way.policy)}
        </span>
      ),
    },
    {
      id: "cure",
      header: "Cure",
      minWidth: 260,
      isHidden: true,
      value: (way) => way.cure,
      cell: (way) => <span className="break">{way.cure}</span>,
    },
  ];
}
