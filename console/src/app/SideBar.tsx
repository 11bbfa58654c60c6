// The navigation at the side: the pages of `routes.tsx` that have a place in it, without the tools
// that a person's profile hides.
import SideNavigation, {
  type SideNavigationProps,
} from "@cloudscape-design/components/side-navigation";
import { lazy, Suspense, useState } from "react";
import { useHref, useLocation, useNavigate } from "react-router";
import { useIdentity } from "~/session/useSession";
import { PAGES, SECTIONS } from "./routes";

const HiddenTools = lazy(() => import("~/pages/home/HiddenTools"));

export function SideBar() {
  // Only users and sessions of a profile have one; who has none sees all.
  const { arn, origin } = useIdentity();
  const mayHide = origin !== null || arn.includes(":user/");
  const [hidden, setHidden] = useState<string[]>();
  const navigate = useNavigate();
  const base = useHref("/").replace(/\/$/, "");
  const { pathname } = useLocation();
  const shown = PAGES.filter((page) => page.nav);
  const here = shown
    .filter(({ path }) => pathname === path || pathname.startsWith(`${path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];

  const isSeen = (tool: string | undefined) =>
    !mayHide || !tool || (hidden !== undefined && !hidden.includes(tool));

  const items: SideNavigationProps.Item[] = SECTIONS.flatMap(
    (section): SideNavigationProps.Item[] => {
      const links = shown
        .filter(({ nav }) => nav?.section === section && isSeen(nav.tool))
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
    <>
      {mayHide && (
        <Suspense fallback={null}>
          <HiddenTools onTold={setHidden} />
        </Suspense>
      )}
      <SideNavigation
        activeHref={here ? base + here.path : ""}
        items={items}
        onFollow={(event) => {
          if (event.detail.external) return;
          event.preventDefault();
          navigate(event.detail.href.slice(base.length));
        }}
      />
    </>
  );
}
