// The top bar: our name, how it looks, and who is signed in.
import TopNavigation from "@cloudscape-design/components/top-navigation";
import { lazy, Suspense, useState } from "react";
import { useHref, useNavigate } from "react-router";
import { nameOf } from "~/format/arn";
import { useNotices } from "~/page/notices";
import { copyText } from "~/parts/copyText";
import { session } from "~/session/session";
import { shortName } from "~/session/shortName";
import { useIdentity } from "~/session/useSession";
import { type Density, type Mode, setLook, useLook } from "./look";

const ChangePassword = lazy(() => import("./ChangePassword"));

const MODES: Array<[Mode, string]> = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];
const DENSITIES: Array<[Density, string]> = [
  ["comfortable", "Comfortable"],
  ["compact", "Compact"],
];

export function TopBar() {
  const identity = useIdentity();
  const look = useLook();
  const notices = useNotices();
  const navigate = useNavigate();
  const home = useHref("/");
  const name = shortName(identity.arn);
  const isUser = identity.arn.includes(":user/");
  const [isChanging, setChanging] = useState(false);

  async function copy(text: string, what: string): Promise<void> {
    if (await copyText(text)) notices.success(`${what} was copied.`);
    else notices.info(`${what}: ${text}`);
  }

  function chosen(id: string): void {
    if (id === "sign-out") void session.signOut().catch(() => session.resume());
    if (id === "password") setChanging(true);
    if (id === "arn") void copy(identity.arn, "Your ARN");
    if (id === "account") void copy(identity.accountId, "The account");
  }

  return (
    <>
      <TopNavigation
        identity={{
          title: "Freehold",
          href: home,
          logo: { src: "/console/mark.svg", alt: "" },
          onFollow: (event) => {
            event.preventDefault();
            navigate("/");
          },
        }}
        utilities={[
          {
            type: "menu-dropdown",
            iconName: "settings",
            ariaLabel: "Appearance",
            title: "Appearance",
            onItemClick: ({ detail }) => {
              const [what, value] = detail.id.split(" ");
              setLook({ [what as string]: value });
            },
            items: [
              {
                id: "modes",
                text: "Colours",
                items: MODES.map(([id, text]) => ({
                  id: `mode ${id}`,
                  text,
                  itemType: "checkbox" as const,
                  checked: look.mode === id,
                })),
              },
              {
                id: "densities",
                text: "Density",
                items: DENSITIES.map(([id, text]) => ({
                  id: `density ${id}`,
                  text,
                  itemType: "checkbox" as const,
                  checked: look.density === id,
                })),
              },
            ],
          },
          {
            type: "menu-dropdown",
            iconName: "user-profile",
            text: name,
            description: identity.arn,
            onItemClick: ({ detail }) => chosen(detail.id),
            items: [
              { id: "arn", text: "Copy my ARN", secondaryText: identity.arn },
              { id: "account", text: "Account", secondaryText: identity.accountId },
              { id: "region", text: "Region", secondaryText: identity.region, disabled: true },
              ...(isUser ? [{ id: "password", text: "Change password" }] : []),
              { id: "sign-out", text: "Sign out" },
            ],
          },
        ]}
      />
      {isChanging && (
        <Suspense fallback={null}>
          <ChangePassword userName={nameOf(identity.arn)} onClose={() => setChanging(false)} />
        </Suspense>
      )}
    </>
  );
}
