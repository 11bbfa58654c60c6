// A link to another page of ours: an ordinary link, followed without loading the page anew.
import Link, { type LinkProps } from "@cloudscape-design/components/link";
import type { ReactNode } from "react";
import { useHref, useNavigate } from "react-router";

interface InnerLinkProps {
  /** Below /console. */
  to: string;
  children: ReactNode;
  variant?: LinkProps.Variant;
  /** Where the words alone do not say where it leads. */
  ariaLabel?: string;
}

export function InnerLink({ to, children, variant, ariaLabel }: InnerLinkProps) {
  const href = useHref(to);
  const navigate = useNavigate();
  return (
    <Link
      href={href}
      variant={variant ?? "primary"}
      ariaLabel={ariaLabel}
      onFollow={(event) => {
        event.preventDefault();
        navigate(to);
      }}
    >
      {children}
    </Link>
  );
}
