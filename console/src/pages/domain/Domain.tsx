// /console/domains/{DomainId}?tab=...: one domain, a tab for each side of it.
import { DescribeDomainCommand } from "@aws-sdk/client-sagemaker";
import { lazy, Suspense } from "react";
import { useParams } from "react-router";
import { SOON_MS } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";
import { Help, useHelp } from "~/page/help";
import { Page } from "~/page/Page";
import { TabsInUrl } from "~/page/TabsInUrl";
import { Copy } from "~/parts/Copy";
import { InnerButton } from "~/parts/InnerButton";
import { isPassing } from "~/parts/Status";
import { Loading } from "~/views/Loading";
import { View } from "~/views/View";
import { AppsTab } from "./AppsTab";
import { FilesTab } from "./files/FilesTab";
import { NetworkTab } from "./network/NetworkTab";
import { OverviewTab } from "./OverviewTab";
import { ResourcesTab } from "./resources/ResourcesTab";
import { SpacesTab } from "./SpacesTab";
import { SettingsTab } from "./settings/SettingsTab";
import { UsersTab } from "./UsersTab";

const HELP = (
  <Help title="A domain">
    <p>
      <b>User profiles</b> are its people. Each has a home directory and an execution role.
    </p>
    <p>
      <b>Spaces</b> are what people work in: private ones of one person, shared ones of the team.
    </p>
    <p>
      <b>Apps</b> are what runs and costs: an IDE of a profile or a space. Files outlive it.
    </p>
  </Help>
);

const CostsTab = lazy(() => import("./costs/CostsTab"));

export default function Domain() {
  const { DomainId = "" } = useParams();
  useHelp(HELP);
  const domain = useCall(
    sagemaker,
    DescribeDomainCommand,
    { DomainId },
    { every: (data) => (isPassing(data.Status) ? SOON_MS : null) },
  );
  const name = domain.data?.DomainName ?? DomainId;
  return (
    <Page
      title={name}
      above={[{ text: "Domains", to: "/domains" }]}
      description={<Copy text={DomainId} what="The domain's ID" />}
      actions={
        domain.data && <InnerButton to={`/domains/${DomainId}/delete`}>Delete domain</InnerButton>
      }
    >
      <View of={domain} what={`the domain ${DomainId}`}>
        {(data) => (
          <TabsInUrl
            label={`Domain ${name}`}
            tabs={[
              { id: "overview", label: "Overview", content: () => <OverviewTab domain={data} /> },
              {
                id: "users",
                label: "User profiles",
                content: () => <UsersTab domainId={DomainId} domainArn={data.DomainArn ?? ""} />,
              },
              {
                id: "spaces",
                label: "Spaces",
                content: () => <SpacesTab domainId={DomainId} domainArn={data.DomainArn ?? ""} />,
              },
              { id: "apps", label: "Apps", content: () => <AppsTab domainId={DomainId} /> },
              {
                id: "resources",
                label: "Resources",
                content: () => <ResourcesTab domainArn={data.DomainArn ?? ""} />,
              },
              { id: "network", label: "Network", content: () => <NetworkTab domain={data} /> },
              { id: "files", label: "Files", content: () => <FilesTab domain={data} /> },
              {
                id: "costs",
                label: "Costs",
                content: () => (
                  <Suspense fallback={<Loading what="the costs" />}>
                    <CostsTab domainArn={data.DomainArn ?? ""} />
                  </Suspense>
                ),
              },
              { id: "settings", label: "Settings", content: () => <SettingsTab domain={data} /> },
            ]}
          />
        )}
      </View>
    </Page>
  );
}
