// Exact money: what the API gives as decimal text, as whole numbers of 1E-10, the ledger's last digit.
// Totals are added up here, never as floats; a float is made only to draw.

const DIGITS = 10;
const ONE = 10n ** BigInt(DIGITS);

export type Exact = bigint;

/** "-0.05" to -500000000n. What is no number counts as nothing. */
export function exact(text: string | undefined): Exact {
  const found = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text ?? "");
  if (!found) return 0n;
  const [, sign, whole, rest = ""] = found;
  const value = BigInt(`${whole || "0"}${rest.padEnd(DIGITS, "0").slice(0, DIGITS)}`);
  return sign ? -value : value;
}

/** The shortest decimal text, without exponent: for files and commands. */
export function exactText(value: Exact): string {
  const size = value < 0n ? -value : value;
  const rest = (size % ONE).toString().padStart(DIGITS, "0").replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${size / ONE}${rest && `.${rest}`}`;
}

/** To draw with. */
export const drawn = (value: Exact): number => Number(exactText(value));

export const sum = (values: Iterable<Exact>): Exact => {
  let total = 0n;
  for (const value of values) total += value;
  return total;
};

/** How much `part` is of `whole`, 0.25 for a quarter; null where there is no whole. */
export const share = (part: Exact, whole: Exact): number | null =>
  whole === 0n ? null : Number((part * 1_000_000n) / whole) / 1_000_000;
