// "Open JupyterLab": a link to the page that starts the app and goes on into it, in a new tab.
import Button from "@cloudscape-design/components/button";
import { useHref } from "react-router";

interface OpenButtonProps {
  domainId: string;
  userProfileName: string;
  spaceName?: string;
  isDisabled?: boolean;
  why?: string;
}

export function OpenButton(given: OpenButtonProps) {
  const { domainId, userProfileName, spaceName = "", isDisabled = false, why } = given;
  const query = new URLSearchParams({ DomainId: domainId, UserProfileName: userProfileName });
  if (spaceName) query.set("SpaceName", spaceName);
  const href = useHref(`/open?${query}`);
  return (
    <Button
      variant="inline-link"
      href={href}
      target="_blank"
      rel="noopener"
      iconName="external"
      iconAlign="right"
      disabled={isDisabled}
      ariaLabel={`Open JupyterLab of ${spaceName || userProfileName} in a new tab`}
      {...(why ? { disabledReason: why } : {})}
    >
      JupyterLab
    </Button>
  );
}
