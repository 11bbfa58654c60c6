// Columns that tell whose a thing is, by its automatic tags: domain and creator.
import { nameOf } from "~/format/arn";
import type { Tagged } from "~/owners/owners";
import { InnerLink } from "~/parts/InnerLink";
import { OwnerLink, ownerOf, wordsOf } from "~/studio/OwnerLink";
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
  const creator = (item: T) => ownerOf(tags.of(arnOf(item)).creatorArn ?? "");
  return [
    {
      id: "domain",
      header: "Domain",
      minWidth: 145,
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
      minWidth: 110,
      value: (item) => wordsOf(creator(item)),
      cell: (item) =>
        creator(item) ? <OwnerLink owner={creator(item)} /> : <Missing of={tags} otherwise="-" />,
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
