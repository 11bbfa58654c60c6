// One precision for all that stands together: amounts whose digits line up can be added up by eye, and
// an axis never says the same twice.
import { type Exact, exact } from "~/format/exact";

const TICK_PX = 50; // Cloudscape: a tick for each 50 px of height
const CENTS = 2;
const FINE = 4;
const FINEST = 6;
const formats = new Map<string, Intl.NumberFormat>();

/** Digits for a view whose largest amount is `total`: cents, or finer where cents hide what it is. */
export function digitsFor(total: Exact): number {
  const size = total < 0n ? -total : total;
  if (size === 0n || size >= exact("10")) return CENTS;
  return size >= exact("0.01") ? FINE : FINEST;
}

/** "$0.0184" at 4 digits; "< $0.0001" for what is less than the last one: nothing spent looks free. */
export function moneyAt(amount: number, digits: number, currency = "USD"): string {
  const least = 10 ** -digits;
  const size = Math.abs(amount);
  if (size > 0 && size < least / 2) {
    return `${amount < 0 ? "> -" : "< "}${format(digits, currency).format(least)}`;
  }
  return format(digits, currency).format(amount);
}

/** Labels of an axis that ends at `max`: distinct, and of equal precision. */
export function tickFormat(max: number, height: number, currency = "USD") {
  const digits = tickDigits(max, Math.ceil(height / TICK_PX));
  return (value: number): string => format(digits, currency).format(value);
}

/** As d3 steps: 1, 2 or 5 times a power of ten, some `count` times up to `max`. */
function tickDigits(max: number, count: number): number {
  if (!(max > 0)) return CENTS;
  const step = max / Math.max(1, count);
  const power = Math.floor(Math.log10(step));
  const needed = Math.max(0, step / 10 ** power >= Math.sqrt(50) ? -power - 1 : -power);
  return needed === 1 ? CENTS : needed;
}

function format(digits: number, currency: string): Intl.NumberFormat {
  const key = `${currency} ${digits}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.NumberFormat("en-US", {
      style: "currency",
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    formats.set(key, found);
  }
  return found;
}
