// Money and bytes for people. Money comes from the API as text and is never added up as floats
// where a total is shown: the API gives totals.

const whole = new Intl.NumberFormat("en-US");
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

const CENT = 0.01;
const FINE_DIGITS = 4;
const LEAST = 0.0001;
const formats = new Map<string, Intl.NumberFormat>();

/** "$1,234.50"; below a cent four digits, and "< $0.0001" below those: nothing spent looks free. */
export function money(amount: number | string, currency = "USD"): string {
  const value = Number(amount);
  const size = Math.abs(value);
  if (size > 0 && size < LEAST)
    return `${value < 0 ? "> -" : "< "}${format(currency, 4).format(LEAST)}`;
  return format(currency, size > 0 && size < CENT ? FINE_DIGITS : 2).format(value);
}

function format(currency: string, digits: number): Intl.NumberFormat {
  const key = `${currency} ${digits}`;
  let found = formats.get(key);
  if (!found) {
    const options = { style: "currency" as const, currency };
    found = new Intl.NumberFormat("en-US", { ...options, maximumFractionDigits: digits });
    formats.set(key, found);
  }
  return found;
}

/** "12.5%"; below a tenth of a percent "< 0.1%". */
export function percent(share: number): string {
  const size = Math.abs(share);
  if (size > 0 && size < 0.001) return "< 0.1%";
  return `${(share * 100).toFixed(size < 0.1 ? 1 : 0)}%`;
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
