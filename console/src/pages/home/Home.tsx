// /console/home: a person's own page: their notebooks with what an hour costs, their jobs, their
// money. ?DomainId=&UserProfileName= shows a certain profile, as far as policy lets one see it.
import Alert from "@cloudscape-design/components/alert";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useDomainNames } from "~/owners/useDomainNames";
import { Help, useHelp } from "~/page/help";
import { Page } from "~/page/Page";
import { useUrlStates } from "~/page/urlState";
import { View } from "~/views/View";
import { MyJobs } from "./MyJobs";
import { MyMoney } from "./MyMoney";
import { MySpaces } from "./MySpaces";
import { type Me, useMine } from "./mine";
import { Nobody } from "./Nobody";
import { useStudio } from "./useStudio";

const HELP = (
  <Help title="My work">
    <p>
      <b>Start</b> or open a notebook here. The rate is what each hour costs from the start until it
      is stopped: files stay when it stops, and what is not saved is lost.
    </p>
    <p>Times are yours; costs are counted in UTC days.</p>
  </Help>
);

export default function Home() {
  useHelp(HELP);
  const mine = useMine();
  const [query] = useUrlStates();
  const named = {
    domainId: query.get("DomainId") ?? "",
    userProfileName: query.get("UserProfileName") ?? "",
  };
  if (named.domainId && named.userProfileName) return <Person me={named} others={[]} />;
  return (
    <View of={mine} what="your page">
      {({ profiles, user, problems }) => {
        const me = profiles.find((one) => one.domainId === named.domainId) ?? profiles[0];
        if (!me) return <Nobody user={user} problems={problems} />;
        return <Person key={me.domainId} me={me} others={profiles} />;
      }}
    </View>
  );
}

function Person({ me, others }: { me: Me; others: Me[] }) {
  const [, set] = useUrlStates();
  const names = useDomainNames();
  const [isExpecting, expect] = useState(false);
  const studio = useStudio(me, isExpecting);
  const nameOfDomain = (one: Me) =>
    names.get(one.domainId) ?? studio.data?.domain?.DomainName ?? one.domainId;
  return (
    <Page
      title="My work"
      description={`${me.userProfileName} in ${nameOfDomain(me)}`}
      actions={
        others.length > 1 && (
          <Select
            ariaLabel="Domain"
            selectedOption={{ value: me.domainId, label: nameOfDomain(me) }}
            options={others.map((one) => ({
              value: one.domainId,
              label: names.get(one.domainId) ?? one.domainId,
            }))}
            onChange={({ detail }) => set({ DomainId: detail.selectedOption.value ?? "" })}
          />
        )
      }
    >
      <SpaceBetween size="l">
        {studio.data?.profile?.FailureReason && (
          <Alert type="error" header="Your profile failed">
            {studio.data.profile.FailureReason}
          </Alert>
        )}
        <MyMoney me={me} studio={studio} />
        <MySpaces me={me} studio={studio} onOpen={() => expect(true)} />
        <MyJobs me={me} />
      </SpaceBetween>
    </Page>
  );
}
