// /console/domains/create: at one click, or by the wizard. The choice stands in the URL.

import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";
import { Help, useHelp } from "~/page/help";
import { Page } from "~/page/Page";
import { useUrlState } from "~/page/urlState";
import { Custom } from "./Custom";
import { Quick } from "./Quick";

const HELP = (
  <Help title="Create a domain">
    <p>
      <b>Quick</b> makes a domain with a role, a bucket and a tight policy of its own, and its first
      person. Nobody of it can reach another domain, nor anybody else this one.
    </p>
    <p>
      <b>Custom</b> asks for roles, network and storage, and shows the command before it begins.
    </p>
  </Help>
);

export default function CreateDomain() {
  useHelp(HELP);
  const [way, setWay] = useUrlState("way", "quick", { push: true });
  return (
    <Page title="Create domain" above={[{ text: "Domains", to: "/domains" }]}>
      <SpaceBetween size="l">
        <Tiles
          ariaLabel="How to create it"
          value={way}
          onChange={({ detail }) => setWay(detail.value)}
          items={[
            {
              value: "quick",
              label: "Quick setup",
              description: "One name, one click: ready for its first person in a second.",
            },
            {
              value: "custom",
              label: "Custom setup",
              description: "Choose role, people, network and storage; review before it begins.",
            },
          ]}
        />
        {way === "custom" ? <Custom /> : <Quick />}
      </SpaceBetween>
    </Page>
  );
}
