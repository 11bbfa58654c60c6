// /console/access?tab=isolation|policies|simulator|explain: who may do what, and why.
import { Help, useHelp } from "~/page/help";
import { Page } from "~/page/Page";
import { TabsInUrl } from "~/page/TabsInUrl";
import { ExplainTab } from "./explain/ExplainTab";
import { IsolationTab } from "./isolation/IsolationTab";
import { PoliciesTab } from "./policies/PoliciesTab";
import { SimulatorTab } from "./simulator/SimulatorTab";

const HELP = (
  <Help title="Access">
    <p>
      <b>Isolation</b>: every way in which somebody of one domain reaches something of another,
      found by trying the policies as they are, with its cure.
    </p>
    <p>
      <b>Policies</b>: what binds users, groups and roles. The editor checks while you type and
      shows what changes before it saves.
    </p>
    <p>
      <b>Simulator</b>: what policy would say of a call, without making it.
    </p>
    <p>
      <b>Explain</b>: why a call was refused. The request id of an error is enough.
    </p>
  </Help>
);

export default function Access() {
  useHelp(HELP);
  return (
    <Page title="Access">
      <TabsInUrl
        label="Access"
        tabs={[
          { id: "isolation", label: "Isolation", content: () => <IsolationTab /> },
          { id: "policies", label: "Policies", content: () => <PoliciesTab /> },
          { id: "simulator", label: "Simulator", content: () => <SimulatorTab /> },
          { id: "explain", label: "Explain a refusal", content: () => <ExplainTab /> },
        ]}
      />
    </Page>
  );
}
