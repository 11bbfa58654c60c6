// /console/registry?tab=groups|models: what was registered, and the models made of it.
import { Help, useHelp } from "~/page/help";
import { Page } from "~/page/Page";
import { TabsInUrl } from "~/page/TabsInUrl";
import { GroupsTab } from "./GroupsTab";
import { ModelsTab } from "./ModelsTab";

const HELP = (
  <Help title="Model registry">
    <p>
      A <b>group</b> holds the versions of one model. A version waits for approval until somebody
      approves or rejects it, with a comment.
    </p>
    <p>
      A <b>model</b> names an image and its data, ready to be served.
    </p>
  </Help>
);

export default function Registry() {
  useHelp(HELP);
  return (
    <Page title="Model registry">
      <TabsInUrl
        label="Model registry"
        tabs={[
          { id: "groups", label: "Model groups", content: () => <GroupsTab /> },
          { id: "models", label: "Models", content: () => <ModelsTab /> },
        ]}
      />
    </Page>
  );
}
