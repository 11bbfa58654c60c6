// The navigation at the side: the pages of `routes.tsx` that have a place in it.
import SideNavigation, {
  type SideNavigationProps,
} from "@cloudscape-design/components/side-navigation";
import { useHref, useLocation, useNavigate } from "react-router";
import { PAGES, SECTIONS } from "./routes";

export function SideBar() {
  const navigate = useNavigate();
  const base = useHref("/").replace(/\/$/, "");
  const { pathname } = useLocation();
  const shown = PAGES.filter((page) => page.nav);
  const here = shown
    .filter(({ path }) => pathname === path || pathname.startsWith(`${path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];

  const items: SideNavigationProps.Item[] = SECTIONS.flatMap(
    (section): SideNavigationProps.Item[] => {
      const links = shown
        .filter(({ nav }) => nav?.section === section)
        .map(({ path, nav }) => ({
          type: "link" as const,
          text: nav?.text ?? "",
          href: base + path,
        }));
      if (!links.length || section === "") return links;
      return [{ type: "section" as const, text: section, items: links }];
    },
  );
  return (
    <SideNavigation
      activeHref={here ? base + here.path : ""}
      items={items}
      onFollow={(event) => {
        if (event.detail.external) return;
        event.preventDefault();
        navigate(event.detail.href.slice(base.length));
      }}
    />
  );
}
