// The help panel: a page gives its words by `useHelp(<Help title=... />)`, the shell shows them.
import HelpPanel from "@cloudscape-design/components/help-panel";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

interface HelpHand {
  set: (content: ReactNode) => void;
}

const Hand = createContext<HelpHand>({ set: () => undefined });
const Content = createContext<ReactNode>(null);

export function HelpProvider({ children }: { children: ReactNode }) {
  const [content, setContent] = useState<ReactNode>(null);
  const hand = useMemo(() => ({ set: setContent }), []);
  return (
    <Hand.Provider value={hand}>
      <Content.Provider value={content}>{children}</Content.Provider>
    </Hand.Provider>
  );
}

/** Show `content` in the help panel while this page stands. Give a constant, not one made anew. */
export function useHelp(content: ReactNode): void {
  const { set } = useContext(Hand);
  useEffect(() => {
    set(content);
    return () => set(null);
  }, [content, set]);
}

export const useHelpContent = (): ReactNode => useContext(Content);

/** A page's help: what it is for, in a few short paragraphs. */
export function Help({ title, children }: { title: string; children: ReactNode }) {
  return <HelpPanel header={<h2>{title}</h2>}>{children}</HelpPanel>;
}
