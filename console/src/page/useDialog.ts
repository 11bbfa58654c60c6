// The dialog that is open, by its name in the address (`?dialog=create-space`): a link opens it, and
// the back button closes it.
import { useCallback } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";

const NAME = "dialog";

interface Dialog {
  /** The name of the one that is open; "": none of this page's. */
  is: string;
  open: (name: string) => void;
  /** Nothing happens if the page was left meanwhile. */
  close: () => void;
}

/** A query without the dialog that is open, for who keeps it. */
export function withoutDialog(query: string): string {
  const kept = new URLSearchParams(query);
  kept.delete(NAME);
  return `${kept}`;
}

export function useDialog(): Dialog {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const { state } = useLocation();
  const isOurs = !!(state as { isDialog?: boolean } | null)?.isDialog;
  const open = useCallback(
    (name: string) => {
      const next = new URLSearchParams(location.search);
      next.set(NAME, name);
      navigate({ search: `${next}` }, { state: { isDialog: true }, preventScrollReset: true });
    },
    [navigate],
  );
  const close = useCallback(() => {
    const next = new URLSearchParams(location.search);
    if (!next.has(NAME)) return;
    next.delete(NAME);
    if (isOurs) navigate(-1);
    else navigate({ search: `${next}` }, { replace: true, preventScrollReset: true });
  }, [navigate, isOurs]);
  return { is: query.get(NAME) ?? "", open, close };
}
