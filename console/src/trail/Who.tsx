// Who called: the space or profile whose app or job it was and the role that it worked as; else the
// user or the session.
import Box from "@cloudscape-design/components/box";
import { nameOf } from "~/format/arn";
import { OwnerLink, ownerOf, wordsOf } from "~/studio/OwnerLink";
import type { Column } from "~/table/DataTable";
import type { Seen } from "./event";

export const whoColumn: Column<Seen> = {
  id: "who",
  header: "Who",
  minWidth: 190,
  value: (event) => [event.who, wordsOf(ownerOf(event.origin)), nameOf(event.role)].join(" "),
  cell: (event) => <Who of={event} />,
};

function Who({ of }: { of: Seen }) {
  const owner = ownerOf(of.origin);
  return (
    <span className="break" title={of.arn}>
      {owner ? <OwnerLink owner={owner} /> : of.who}
      {of.role && (
        <Box variant="small" display="block" color="text-body-secondary">
          as {nameOf(of.role)}
        </Box>
      )}
    </span>
  );
}
