// Money in a cell: at the digits of its view for people, to the last digit on hover. And a change
// against before.
import { percent } from "~/format/amounts";
import { drawn, type Exact, exactText, share } from "~/format/exact";
import { moneyAt } from "~/money/precision";

interface AmountProps {
  value: Exact;
  currency: string;
  digits: number;
}

export function Amount({ value, currency, digits }: AmountProps) {
  return (
    <span className="number" title={`${exactText(value)} ${currency}`}>
      {moneyAt(drawn(value), digits, currency)}
    </span>
  );
}

/** "$1.20 to $1.80". */
export function betweenText(
  { lower, upper }: { lower: Exact; upper: Exact },
  currency: string,
  digits: number,
): string {
  return `${moneyAt(drawn(lower), digits, currency)} to ${moneyAt(drawn(upper), digits, currency)}`;
}

const MANY_TIMES = 9;

/** "+12%", "-3.5%", "89 times", "new" where nothing was before, "-" where both are nothing or it is not known. */
export function changeText(now: Exact, before: Exact | null): string {
  if (before === null || (before === 0n && now === 0n)) return "-";
  if (before === 0n) return "new";
  const part = share(now - before, before) ?? 0;
  if (part >= MANY_TIMES) return `${Math.round(part + 1)} times`;
  return `${part > 0 ? "+" : part < 0 ? "-" : ""}${percent(Math.abs(part))}`;
}
