// That somebody pressed "Open" on a page of ours, told once to the tab that it opens. The same address
// may be a link in a mail or be gone to by a foreign page, and those must not start what costs.

const PLACE = "freehold.pressed";
const HOLDS_MS = 60_000; // a new tab loads, and may wait for the server
interface Pressed {
  query: string;
  at: number;
}

/** Remember it. `query`: of the address that is opened, with its question mark. */
export function press(query: string): void {
  try {
    localStorage.setItem(PLACE, JSON.stringify({ query, at: Date.now() } satisfies Pressed));
  } catch {
    // Forbidden: the tab asks before it starts anything.
  }
}

/** Whether this very address was pressed a moment ago; asked once. */
export function wasPressed(query: string): boolean {
  try {
    const kept = JSON.parse(localStorage.getItem(PLACE) ?? "{}") as Partial<Pressed>;
    if (kept.query !== query) return false;
    localStorage.removeItem(PLACE);
    return Math.abs(Date.now() - (kept.at ?? 0)) < HOLDS_MS;
  } catch {
    return false;
  }
}
