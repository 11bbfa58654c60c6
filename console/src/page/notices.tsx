// What just happened, in bars above the page that survive a change of page.
// Use `useNotices().success("Domain finance was created")`; a problem keeps its request id.
import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import type { Problem } from "~/aws/problem";
import { ProblemText } from "~/views/ProblemText";

interface Notice {
  id: string;
  type: FlashbarProps.Type;
  content: ReactNode;
  header?: ReactNode;
}

export interface Notices {
  success: (content: ReactNode) => void;
  info: (content: ReactNode) => void;
  problem: (problem: Problem) => void;
}

const SHOWN_MAX = 5;
const Hand = createContext<Notices | null>(null);
const Shown = createContext<{ notices: Notice[]; dismiss: (id: string) => void } | null>(null);

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<Notice[]>([]);
  const hand = useMemo<Notices>(() => {
    const add = (type: FlashbarProps.Type, content: ReactNode, header?: ReactNode) => {
      const notice = { id: crypto.randomUUID?.() ?? String(Math.random()), type, content, header };
      setNotices((shown) => [notice, ...shown].slice(0, SHOWN_MAX));
    };
    return {
      success: (content) => add("success", content),
      info: (content) => add("info", content),
      problem: (problem) => add("error", <ProblemText problem={problem} />, headingOf(problem)),
    };
  }, []);
  const shown = useMemo(
    () => ({
      notices,
      dismiss: (id: string) => setNotices((all) => all.filter((one) => one.id !== id)),
    }),
    [notices],
  );
  return (
    <Hand.Provider value={hand}>
      <Shown.Provider value={shown}>{children}</Shown.Provider>
    </Hand.Provider>
  );
}

/** A lost answer says nothing about whether the call was done. */
function headingOf({ kind, code }: Problem): string {
  return kind === "network" ? "No answer: look whether it was done before you try again" : code;
}

export function useNotices(): Notices {
  const hand = useContext(Hand);
  if (!hand) throw new Error("outside of NoticesProvider");
  return hand;
}

/** The bars themselves; stands once, in the shell. */
export function NoticeBars() {
  const shown = useContext(Shown);
  const items = (shown?.notices ?? []).map((notice) => ({
    ...notice,
    dismissible: true,
    dismissLabel: "Dismiss",
    onDismiss: () => shown?.dismiss(notice.id),
    ariaRole: notice.type === "error" ? ("alert" as const) : ("status" as const),
  }));
  return <Flashbar items={items} stackItems />;
}
