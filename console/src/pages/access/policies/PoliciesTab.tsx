// All policies of the account: whose, of which kind; one opens in the editor (`?policy=...`).
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMemo } from "react";
import { useUrlState, useUrlStates } from "~/page/urlState";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { Empty } from "~/views/Empty";
import { type Account, type PolicyItem, type PolicyKind, useAccount } from "./account";
import { NewPolicy } from "./NewPolicy";
import { PolicyEditor } from "./PolicyEditor";

const KINDS: Record<PolicyKind, string> = {
  inline: "Inline",
  trust: "Trust",
  managed: "Managed",
  aws: "AWS managed",
};
const SHOWN = [
  { value: "", label: "Of this account" },
  { value: "inline", label: "Inline" },
  { value: "managed", label: "Managed" },
  { value: "trust", label: "Trust" },
  { value: "aws", label: "AWS managed" },
  { value: "all", label: "All" },
];
const HOLDERS_MAX = 3;

export function PoliciesTab() {
  const account = useAccount();
  const [id, open] = useUrlState("policy", "", { push: true });
  const [query, change] = useUrlStates();
  const [kind, setKind] = useUrlState("kind");
  const listed = useMemo(
    () => ({ ...account, data: account.data && sifted(account.data, kind) }),
    [account, kind],
  );
  const close = () => change({ policy: null, line: null });
  if (id === "new") {
    return <NewPolicy holders={account.data?.holders ?? []} onDone={open} onClose={close} />;
  }
  if (id) {
    const item = account.data?.policies.find((one) => one.id === id);
    return (
      <PolicyEditor id={id} item={item} line={Number(query.get("line")) || 0} onClose={close} />
    );
  }
  const create = (
    <Button variant="primary" onClick={() => open("new")}>
      New policy
    </Button>
  );
  return (
    <DataTable<PolicyItem>
      id="policies"
      title="Policies"
      nouns={["policy", "policies"]}
      of={listed}
      rowId={(item) => item.id}
      columns={columnsOf(open)}
      actions={create}
      filters={
        <SpaceBetween direction="horizontal" size="xs">
          <Select
            ariaLabel="Kind"
            options={SHOWN}
            selectedOption={SHOWN.find((one) => one.value === kind) ?? null}
            onChange={({ detail }) => setKind(detail.selectedOption.value ?? "")}
          />
        </SpaceBetween>
      }
      empty={
        <Empty title="No such policies" action={create}>
          A policy says who may do what. Without one, nobody but the root may do anything.
        </Empty>
      }
    />
  );
}

function sifted({ policies }: Account, kind: string): PolicyItem[] {
  if (kind === "all") return policies;
  if (kind) return policies.filter((one) => one.kind === kind);
  return policies.filter((one) => one.kind !== "aws" || one.holders.length > 0);
}

const holdersOf = (item: PolicyItem): string[] =>
  item.holders.map((one) => `${one.kind} ${one.name}`);

function columnsOf(open: (id: string) => void): Column<PolicyItem>[] {
  return [
    {
      id: "name",
      header: "Name",
      isRowHeader: true,
      minWidth: 230,
      value: (item) => item.name,
      cell: (item) => (
        <Link
          href={`?tab=policies&policy=${encodeURIComponent(item.id)}`}
          onFollow={(event) => {
            event.preventDefault();
            open(item.id);
          }}
        >
          <span className="break">{item.name}</span>
        </Link>
      ),
    },
    {
      id: "kind",
      header: "Kind",
      minWidth: 130,
      value: (item) => KINDS[item.kind],
      cell: (item) => KINDS[item.kind],
    },
    {
      id: "holders",
      header: "Binds",
      minWidth: 260,
      value: (item) => holdersOf(item).join(", "),
      cell: (item) => <Holders of={item} />,
    },
    {
      id: "mine",
      header: "You",
      minWidth: 150,
      value: (item) => (item.isMine ? "You live by it" : ""),
      cell: (item) =>
        item.isMine ? <StatusIndicator type="info">You live by it</StatusIndicator> : "-",
    },
    timeColumn("updated", "Changed", (item) => item.updated, 130),
  ];
}

function Holders({ of }: { of: PolicyItem }) {
  const names = holdersOf(of);
  if (!names.length) return <>Nobody</>;
  const more = names.length - HOLDERS_MAX;
  return (
    <span className="break" title={names.join(", ")}>
      {names.slice(0, HOLDERS_MAX).join(", ")}
      {more > 0 ? ` and ${more} more` : ""}
    </span>
  );
}
