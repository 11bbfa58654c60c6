// A one-time password, made in the browser: told to one person, kept nowhere.

const KINDS = [
  "ABCDEFGHJKLMNPQRSTUVWXYZ",
  "abcdefghijkmnopqrstuvwxyz",
  "23456789",
  "!@#$%^&*()_+-=",
];
const LENGTH = 24; // above any MinimumPasswordLength that is usual; the policy allows up to 128
const LENGTH_MAX = 128; // IAM: password policy

/** Letters that look alike are left out. `least`: what the account's password policy asks for. */
export function oneTimePassword(least = 0): string {
  const length = Math.min(Math.max(LENGTH, least), LENGTH_MAX);
  const all = KINDS.join("");
  const letters = Array.from({ length }, (_, at) => drawn(KINDS[at] ?? all));
  for (let at = letters.length - 1; at > 0; at--) {
    const other = below(at + 1);
    [letters[at], letters[other]] = [letters[other] ?? "", letters[at] ?? ""];
  }
  return letters.join("");
}

const drawn = (from: string): string => from.charAt(below(from.length));

/** Evenly among 0 to `bound` - 1: what would favour the first ones is drawn again. */
function below(bound: number): number {
  const limit = 2 ** 32 - (2 ** 32 % bound);
  const one = new Uint32Array(1);
  do crypto.getRandomValues(one);
  while ((one[0] ?? 0) >= limit);
  return (one[0] ?? 0) % bound;
}
