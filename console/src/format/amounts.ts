// Money and bytes for people. Money comes from the API as text and is never added up as floats
// where a total is shown: the API gives totals.

const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const fine = new Intl.NumberFormat("en-US", {
  style: "currency",
  currency: "USD",
  maximumFractionDigits: 4,
});
const whole = new Intl.NumberFormat("en-US");
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** "$1,234.50"; below a cent four digits, so that a short run does not look free. */
export function money(usd: number | string): string {
  const value = Number(usd);
  return value !== 0 && Math.abs(value) < 0.01 ? fine.format(value) : dollars.format(value);
}

/** "$0.0500 per hour": rates have four digits, as AWS prints them. */
export const rate = (usd: number | string): string => `$${Number(usd).toFixed(4)} per hour`;

export function bytes(size: number): string {
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${UNITS[unit]}`;
}

export const count = (of: number): string => whole.format(of);

/** "1 domain", "2 domains". */
export const counted = (of: number, one: string, many = `${one}s`): string =>
  `${count(of)} ${of === 1 ? one : many}`;
