// How somebody signs in here, so that the form opens on it: the address says it (`?by=password`, as an
// administrator hands it over), else what this browser signed in by last. No secret is in it.

export type Way = "keys" | "password";

const PLACE = "freehold.sign-in";

export function usualWay(query: string): Way {
  const asked = new URLSearchParams(query).get("by") ?? kept();
  return asked === "password" ? "password" : "keys";
}

export function keepWay(way: Way): void {
  try {
    localStorage.setItem(PLACE, way);
  } catch {
    // A private window: the form opens on keys the next time.
  }
}

function kept(): string | null {
  try {
    return localStorage.getItem(PLACE);
  } catch {
    return null;
  }
}
