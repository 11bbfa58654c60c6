// /console/settings: what holds for the whole account: guards between domains, idle shutdown, quotas.
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Help, useHelp } from "~/page/help";
import { Page } from "~/page/Page";
import { View } from "~/views/View";
import { QuotasBox } from "./QuotasBox";
import { SwitchesBox } from "./SwitchesBox";
import { GUARDS, IDLE, useSettings } from "./settings";

const HELP = (
  <Help title="Account settings">
    <p>
      Guards only refuse: whatever a policy allows, they keep domains apart where AWS leaves a gap.
      They hold for everybody from the next call on, and need no policy to be changed.
    </p>
    <p>
      By the aws CLI: <code>aws ssm update-service-setting</code> with{" "}
      <code>--setting-id /freehold/isolation.lists</code>.
    </p>
  </Help>
);

export default function Account() {
  useHelp(HELP);
  const settings = useSettings();
  return (
    <Page title="Account settings" description="What holds for all domains.">
      <View of={settings} what="the account's settings">
        {(found) => (
          <SpaceBetween size="l">
            <SwitchesBox
              title="Guards between domains"
              note="Each closes what AWS leaves open. Off at first, so that all behaves as there."
              switches={GUARDS}
              settings={found}
              all="Switch all on"
            />
            <SwitchesBox
              title="Idle shutdown"
              note="Whether and after how long an app is shut down is set for each domain."
              switches={[IDLE]}
              settings={found}
            />
            <QuotasBox settings={found} />
          </SpaceBetween>
        )}
      </View>
    </Page>
  );
}
