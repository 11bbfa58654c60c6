// Tabs whose choice stands in the URL (`?tab=users`): each a step for the back button. Only the
// chosen one is rendered, so the others cost no call.
import Tabs from "@cloudscape-design/components/tabs";
import type { ReactNode } from "react";
import { useUrlState } from "./urlState";

export interface Tab {
  id: string;
  label: string;
  content: () => ReactNode;
}

export function TabsInUrl({ tabs, label }: { tabs: Tab[]; label: string }) {
  const first = tabs[0]?.id ?? "";
  const [wanted, choose] = useUrlState("tab", first, { push: true });
  const chosen = tabs.some((tab) => tab.id === wanted) ? wanted : first;
  return (
    <Tabs
      ariaLabel={label}
      activeTabId={chosen}
      onChange={({ detail }) => choose(detail.activeTabId)}
      tabs={tabs.map(({ id, label: text, content }) => ({
        id,
        label: text,
        content: id === chosen ? content() : null,
      }))}
    />
  );
}
