// The session for components: its state, and whose it is.
import { useSyncExternalStore } from "react";
import type { Identity } from "./exchange";
import { type SessionState, session } from "./session";

export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.state);
}

/** Whose session it is. Only below the shell, where somebody is signed in. */
export function useIdentity(): Identity {
  const state = useSession();
  if (state.status === "in" || state.status === "ended") return state.identity;
  throw new Error("nobody is signed in");
}
