// Columns that tell whose a thing is, by its automatic tags: domain and creator.
import { nameOf } from "~/format/arn";
import { creatorOf, type Tagged } from "~/owners/owners";
import { InnerLink } from "~/parts/InnerLink";
import type { Column } from "~/table/DataTable";

interface Known {
  tags: Tagged;
  /** Names of domains by their ids. */
  names: Map<string, string>;
}

export function ownerColumns<T>(arnOf: (item: T) => string, known: Known): Column<T>[] {
  const { tags, names } = known;
  const domainId = (item: T) => nameOf(tags.of(arnOf(item)).domainArn ?? "");
  const domain = (item: T) => names.get(domainId(item)) ?? domainId(item);
  const creator = (item: T) => creatorOf(tags.of(arnOf(item)).creatorArn);
  return [
    {
      id: "domain",
      header: "Domain",
      minWidth: 120,
      value: domain,
      cell: (item) =>
        domainId(item) ? (
          <InnerLink to={`/domains/${domainId(item)}`}>{domain(item)}</InnerLink>
        ) : (
          <Missing of={tags} otherwise="Untagged" />
        ),
    },
    {
      id: "creator",
      header: "Creator",
      minWidth: 115,
      value: creator,
      cell: (item) => creator(item) || <Missing of={tags} otherwise="-" />,
    },
  ];
}

interface MissingProps {
  of: Pick<Tagged, "isReady" | "problem">;
  otherwise: string;
}

/** Not there: still loading, refused, or truly nothing. */
export function Missing({ of, otherwise }: MissingProps) {
  if (of.problem) {
    return (
      <span title={of.problem.message}>
        {of.problem.kind === "forbidden" ? "No access" : "Unknown"}
      </span>
    );
  }
  return <>{of.isReady ? otherwise : "..."}</>;
}
