// "Open JupyterLab": a link to the page that starts the app and goes on into it, in a new tab.
import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import { useHref } from "react-router";
import { press } from "./pressed";

const NAME = "JupyterLab";

interface OpenButtonProps {
  domainId: string;
  userProfileName: string;
  spaceName?: string;
  /** To start it on; without it the settings in force say. */
  instanceType?: string;
  /** As a button of the page's own, with other words. */
  variant?: ButtonProps.Variant;
  children?: string;
  /** Told when it is followed, in this tab. */
  onOpen?: () => void;
  isDisabled?: boolean;
  why?: string;
}

export function OpenButton(given: OpenButtonProps) {
  const { domainId, userProfileName, spaceName = "", isDisabled = false, why } = given;
  const { instanceType = "", variant = "inline-link", children = NAME } = given;
  const query = new URLSearchParams({ DomainId: domainId, UserProfileName: userProfileName });
  if (spaceName) query.set("SpaceName", spaceName);
  if (instanceType) query.set("InstanceType", instanceType);
  const href = useHref(`/open?${query}`);
  return (
    <Button
      variant={variant}
      href={href}
      target="_blank"
      rel="noopener"
      iconName="external"
      iconAlign="right"
      onFollow={() => {
        press(`?${query}`);
        given.onOpen?.();
      }}
      disabled={isDisabled}
      ariaLabel={`${children === NAME ? "Open" : children} JupyterLab of ${spaceName || userProfileName} in a new tab`}
      {...(why ? { disabledReason: why } : {})}
    >
      {children}
    </Button>
  );
}
