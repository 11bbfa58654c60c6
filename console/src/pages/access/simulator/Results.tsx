// The answers of a simulation: each action on each resource, its decision, and the statements behind it.
import type { Statement } from "@aws-sdk/client-iam";
import Header from "@cloudscape-design/components/header";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { counted } from "~/format/amounts";
import { InnerLink } from "~/parts/InnerLink";
import { type Account, type PolicyItem, useAccount } from "../policies/account";
import type { Row } from "./simulate";

export function Results({ rows }: { rows: Row[] }) {
  const account = useAccount();
  const allowed = rows.filter((row) => row.decision === "allowed").length;
  return (
    <div aria-live="polite">
      <Table<Row>
        items={rows}
        trackBy="id"
        wrapLines
        variant="container"
        header={
          <Header
            variant="h2"
            counter={`(${allowed}/${rows.length})`}
            description="Allowed, of all that was asked."
          >
            What policy says
          </Header>
        }
        ariaLabels={{ tableLabel: "What policy says" }}
        renderAriaLive={() => `${counted(allowed, "action")} of ${rows.length} allowed`}
        columnDefinitions={[
          {
            id: "action",
            header: "Action",
            isRowHeader: true,
            minWidth: 180,
            cell: (row) => <span className="break">{row.action}</span>,
          },
          {
            id: "resource",
            header: "Resource",
            minWidth: 180,
            cell: (row) => <span className="break">{row.resource}</span>,
          },
          {
            id: "decision",
            header: "Decision",
            minWidth: 160,
            cell: (row) => <DecisionStatus of={row} />,
          },
          {
            id: "why",
            header: "Because of",
            minWidth: 240,
            cell: (row) => <Why of={row} account={account.data} />,
          },
        ]}
      />
    </div>
  );
}

export function DecisionStatus({ of }: { of: Row }) {
  if (of.decision === "allowed") return <StatusIndicator type="success">Allowed</StatusIndicator>;
  return (
    <StatusIndicator type="error">
      {of.decision === "explicitDeny" ? "Denied explicitly" : "Not allowed"}
    </StatusIndicator>
  );
}

function Why({ of, account }: { of: Row; account: Account | undefined }) {
  return (
    <>
      {of.statements.map((one) => (
        <StatementLink
          key={`${one.SourcePolicyId} ${one.StartPosition?.Line} ${one.StartPosition?.Column}`}
          of={one}
          account={account}
        />
      ))}
      {!of.statements.length && "No statement allows it."}
      {of.boundaryAllows === false && <div>The permissions boundary does not allow it.</div>}
      {of.missing.length > 0 && (
        <div className="break">Not told, though asked for: {of.missing.join(", ")}.</div>
      )}
    </>
  );
}

function StatementLink({ of, account }: { of: Statement; account: Account | undefined }) {
  const line = of.StartPosition?.Line ?? 1;
  const item = account?.policies.find((one) => isNamed(one, of));
  const words = `${item?.name ?? of.SourcePolicyId}, from line ${line}`;
  if (!item) return <div className="break">{words}</div>;
  return (
    <div className="break">
      <InnerLink to={`/access?tab=policies&policy=${encodeURIComponent(item.id)}`}>
        {words}
      </InnerLink>
    </div>
  );
}

/** IAM names inline policies `role_NAME_POLICY`, managed ones by their name alone. */
function isNamed(
  item: PolicyItem,
  { SourcePolicyId: id, SourcePolicyType: type }: Statement,
): boolean {
  if (item.kind === "inline") {
    const [holder] = item.holders;
    return id === `${holder?.kind}_${holder?.name}_${item.name}`;
  }
  if (item.kind === "trust") return false;
  return item.name === id && (item.kind === "aws") === (type === "aws-managed");
}
