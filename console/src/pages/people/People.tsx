// /console/people: who can sign in to this account, how, and which user profiles are theirs.

import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useDomainNames } from "~/owners/useDomainNames";
import { useBreadcrumbs } from "~/page/breadcrumbs";
import { Help, useHelp } from "~/page/help";
import { InnerLink } from "~/parts/InnerLink";
import { SignInCell } from "~/people/SignInCell";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { Empty } from "~/views/Empty";
import { AddPerson } from "./AddPerson";
import { ProfileLinks } from "./ProfileLinks";
import { type Person, usePeople } from "./people";

const HELP = (
  <Help title="People">
    <p>
      An IAM user is somebody who signs in: by a password here, by access keys from a terminal. A
      user profile is their place in a domain: files, notebooks, a name on the bill.
    </p>
    <p>
      A profile is a user's when it has the tag <code>freehold:user</code> with the user's name, or
      the very name.
    </p>
  </Help>
);

export default function People() {
  useHelp(HELP);
  useBreadcrumbs([{ text: "People" }]);
  const { people, profilesProblem } = usePeople();
  const names = useDomainNames();
  const [isAsking, ask] = useState(false);
  const button = (
    <Button variant="primary" onClick={() => ask(true)}>
      Add person
    </Button>
  );
  return (
    <>
      <DataTable<Person>
        id="people"
        title="People"
        headingTag="h1"
        nouns={["person", "people"]}
        description="IAM users of this account. The account's root and roles are not people."
        of={people}
        rowId={(one) => one.name}
        columns={columnsOf(names, profilesProblem?.message)}
        actions={button}
        empty={
          <Empty title="No people yet" action={button}>
            So far only the account's root signs in. A person gets a name, a password and a place in
            a domain.
          </Empty>
        }
      />
      {isAsking && <AddPerson onClose={() => ask(false)} />}
    </>
  );
}

function columnsOf(names: Map<string, string>, unknown: string | undefined): Column<Person>[] {
  const places = (one: Person) =>
    (one.profiles ?? []).map(({ domainId, name }) => `${names.get(domainId) ?? domainId}/${name}`);
  return [
    {
      id: "name",
      header: "Name",
      isRowHeader: true,
      minWidth: 170,
      value: (one) => one.name,
      cell: (one) => <InnerLink to={`/people/${one.name}`}>{one.name}</InnerLink>,
    },
    {
      id: "signin",
      header: "Signs in by",
      minWidth: 190,
      cell: (one) => <SignInCell userName={one.name} />,
    },
    {
      id: "profiles",
      header: "User profiles",
      minWidth: 200,
      value: (one) => places(one).join(" "),
      cell: (one) =>
        unknown ? (
          <span title={unknown}>No access</span>
        ) : (
          <ProfileLinks profiles={one.profiles} names={names} />
        ),
    },
    {
      id: "policies",
      header: "Policies",
      minWidth: 220,
      value: (one) => one.policies.join(" "),
      cell: (one) => <span className="break">{one.policies.join(", ") || "None"}</span>,
    },
    {
      id: "groups",
      header: "Groups",
      minWidth: 120,
      value: (one) => one.groups.join(" "),
      cell: (one) => <span className="break">{one.groups.join(", ") || "-"}</span>,
    },
    timeColumn("created", "Created", (one) => one.created),
    {
      id: "arn",
      header: "ARN",
      isHidden: true,
      minWidth: 260,
      value: (one) => one.arn,
      cell: (one) => <span className="break">{one.arn}</span>,
    },
  ];
}
