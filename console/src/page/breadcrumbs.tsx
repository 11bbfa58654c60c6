// Where we are: a page names its way by `useBreadcrumbs`, the shell shows it.
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import { useEffect, useSyncExternalStore } from "react";
import { useHref, useNavigate } from "react-router";

export interface Crumb {
  text: string;
  /** Below /console; the last crumb, which is this page, needs none. */
  to?: string;
}

let crumbs: Crumb[] = [];
const listeners = new Set<() => void>();

function set(next: Crumb[]): void {
  crumbs = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Also names the browser's tab. */
export function useBreadcrumbs(way: Crumb[]): void {
  const text = JSON.stringify(way);
  useEffect(() => {
    const parsed = JSON.parse(text) as Crumb[];
    set(parsed);
    document.title = [...parsed.map((crumb) => crumb.text).reverse(), "Freehold"].join(" | ");
  }, [text]);
}

export function BreadcrumbsPlace() {
  const shown = useSyncExternalStore(subscribe, () => crumbs);
  const navigate = useNavigate();
  const base = useHref("/").replace(/\/$/, "");
  return (
    <BreadcrumbGroup
      items={[{ text: "Freehold", to: "/" }, ...shown].map(({ text, to }) => ({
        text,
        href: to ? base + to : "#",
      }))}
      onFollow={(event) => {
        event.preventDefault();
        const { href } = event.detail;
        if (href !== "#") navigate(href.slice(base.length));
      }}
    />
  );
}
