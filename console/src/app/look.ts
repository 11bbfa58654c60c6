// Light or dark, roomy or compact: chosen by the person, else by the system; remembered by the
// browser (it is no secret). `public/mode.js` applies the same before the first paint.
import { useSyncExternalStore } from "react";

export type Mode = "system" | "light" | "dark";
export type Density = "comfortable" | "compact";
interface Look {
  mode: Mode;
  density: Density;
}

const PLACE = "freehold.look";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
let look: Look = read();

export function useLook(): Look {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => look,
  );
}

export function setLook(change: Partial<Look>): void {
  look = { ...look, ...change };
  try {
    localStorage.setItem(PLACE, JSON.stringify(look));
  } catch {
    // A private window: it holds until the page is left.
  }
  apply();
  for (const listener of listeners) listener();
}

function read(): Look {
  let kept: Partial<Look> = {};
  try {
    kept = JSON.parse(localStorage.getItem(PLACE) ?? "{}");
  } catch {
    // Nothing that we wrote.
  }
  const mode = kept.mode === "dark" || kept.mode === "light" ? kept.mode : "system";
  return { mode, density: kept.density === "compact" ? "compact" : "comfortable" };
}

function apply(): void {
  const isDark = look.mode === "dark" || (look.mode === "system" && system.matches);
  document.body.classList.toggle("awsui-dark-mode", isDark);
  document.body.classList.toggle("awsui-compact-mode", look.density === "compact");
  document.documentElement.style.colorScheme = isDark ? "dark" : "light";
}

system.addEventListener("change", apply);
apply();
