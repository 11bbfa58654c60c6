// A button that leads to another page of ours: a real link, so that it opens in a new tab as well.
import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import { useHref, useNavigate } from "react-router";

interface InnerButtonProps extends Omit<ButtonProps, "href" | "onFollow" | "onClick"> {
  /** Below /console. */
  to: string;
}

export function InnerButton({ to, ...rest }: InnerButtonProps) {
  const href = useHref(to);
  const navigate = useNavigate();
  return (
    <Button
      {...rest}
      href={href}
      onFollow={(event) => {
        event.preventDefault();
        navigate(to);
      }}
    />
  );
}
