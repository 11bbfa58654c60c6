// What stands around every page: top bar, navigation, help, notices; and what may come over it.
import AppLayout from "@cloudscape-design/components/app-layout-toolbar";
import { Suspense, useEffect, useRef, useState } from "react";
import { Outlet, useLocation, useNavigation } from "react-router";
import { BreadcrumbsPlace } from "~/page/breadcrumbs";
import { useHelpContent } from "~/page/help";
import { NoticeBars } from "~/page/notices";
import { Loading } from "~/views/Loading";
import { ConnectionLost } from "./ConnectionLost";
import { SessionEnded } from "./SessionEnded";
import { SideBar } from "./SideBar";
import { TopBar } from "./TopBar";

const NARROW = matchMedia("(max-width: 688px)");

export function Shell() {
  const [isNavigationOpen, setNavigationOpen] = useState(!NARROW.matches);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const help = useHelpContent();
  useNewPage(() => NARROW.matches && setNavigationOpen(false));
  return (
    <>
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <div id="top">
        <TopBar />
      </div>
      <AppLayout
        headerSelector="#top"
        navigation={<SideBar />}
        navigationOpen={isNavigationOpen}
        onNavigationChange={({ detail }) => setNavigationOpen(detail.open)}
        navigationWidth={220}
        breadcrumbs={<BreadcrumbsPlace />}
        notifications={
          <>
            <ConnectionLost />
            <NoticeBars />
          </>
        }
        stickyNotifications
        tools={help}
        toolsHide={!help}
        toolsOpen={isHelpOpen}
        onToolsChange={({ detail }) => setHelpOpen(detail.open)}
        maxContentWidth={1800}
        content={
          <div id="page" tabIndex={-1}>
            <Suspense fallback={<Loading what="the page" />}>
              <Outlet />
            </Suspense>
          </div>
        }
      />
      <SessionEnded />
    </>
  );
}

/** On each new page: to its top, and the focus with it, as a browser does by itself. */
function useNewPage(also: () => void): void {
  const { pathname } = useLocation();
  const { state } = useNavigation();
  const last = useRef(pathname);
  useEffect(() => {
    if (state !== "idle" || last.current === pathname) return;
    last.current = pathname;
    window.scrollTo(0, 0);
    document.getElementById("page")?.focus({ preventScroll: true });
    also();
  });
}
