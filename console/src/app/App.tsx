// The whole: providers, then either the sign-in or the shell with a page in it.
import I18nProvider from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { lazy, Suspense } from "react";
import {
  createBrowserRouter,
  createRoutesFromElements,
  Outlet,
  Route,
  RouterProvider,
} from "react-router";
import { AnnouncerProvider } from "~/page/announcer";
import { HelpProvider } from "~/page/help";
import { NoticesProvider } from "~/page/notices";
import { Crash } from "./Crash";
import { landing, PAGES } from "./routes";
import { Shell } from "./Shell";
import { SignedIn } from "./SignedIn";

const SignIn = lazy(() => import("~/pages/sign-in/SignIn"));
const NotFound = lazy(() => import("~/pages/NotFound"));

const router = createBrowserRouter(
  createRoutesFromElements(
    <Route element={<Providers />} errorElement={<Crash />} HydrateFallback={Nothing}>
      <Route
        path="/sign-in"
        element={
          <Suspense fallback={null}>
            <SignIn />
          </Suspense>
        }
      />
      <Route element={<SignedIn />}>
        <Route element={<Shell />}>
          <Route index lazy={async () => ({ Component: (await landing()).default })} />
          {PAGES.map(({ path, load }) => (
            <Route
              key={path}
              path={path}
              errorElement={<Crash />}
              lazy={async () => ({ Component: (await load()).default })}
            />
          ))}
          <Route path="*" element={<NotFound />} />
        </Route>
      </Route>
    </Route>,
  ),
  { basename: "/console" },
);

function Providers() {
  return (
    <NoticesProvider>
      <AnnouncerProvider>
        <HelpProvider>
          <Outlet />
        </HelpProvider>
      </AnnouncerProvider>
    </NoticesProvider>
  );
}

/** Before the first page's file is there: nothing, for a few milliseconds. */
function Nothing() {
  return null;
}

export function App() {
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <RouterProvider router={router} />
    </I18nProvider>
  );
}
