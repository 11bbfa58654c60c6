// Says changes to a screen reader, politely: one live region, `useAnnounce()("3 apps run")`.
import { createContext, type ReactNode, useContext, useState } from "react";

const Announce = createContext<(text: string) => void>(() => undefined);

export function AnnouncerProvider({ children }: { children: ReactNode }) {
  const [text, setText] = useState("");
  return (
    <Announce.Provider value={setText}>
      {children}
      <div role="status" aria-live="polite" className="only-heard">
        {text}
      </div>
    </Announce.Provider>
  );
}

export const useAnnounce = (): ((text: string) => void) => useContext(Announce);
