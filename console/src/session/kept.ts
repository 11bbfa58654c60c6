// What a tab keeps of forms and runs (`page/useDraft`, backfill) is of whoever was signed in: it is
// thrown away when the same tab gets somebody else.

const PERSON = "freehold.person";
const OURS = "freehold.";
const holders = new Set<() => void>();

/** Keep what is `person`'s, an ARN and origin; forget what anybody else left here. */
export function keepFor(person: string): void {
  try {
    if (sessionStorage.getItem(PERSON) === person) return;
    for (const name of Object.keys(sessionStorage)) {
      if (name.startsWith(OURS)) sessionStorage.removeItem(name);
    }
    sessionStorage.setItem(PERSON, person);
  } catch {
    // Forbidden: then nothing was kept either.
  }
  for (const forget of holders) forget();
}

/** For who read what was kept before it was known who signs in. */
export function whenAnother(forget: () => void): void {
  holders.add(forget);
}
