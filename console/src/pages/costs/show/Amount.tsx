// Money in a cell: to the cent for people, to the last digit on hover. And a change against before.
import { money, percent } from "~/format/amounts";
import { drawn, type Exact, exactText, share } from "~/format/exact";

export function Amount({ value, currency }: { value: Exact; currency: string }) {
  return (
    <span className="number" title={`${exactText(value)} ${currency}`}>
      {money(drawn(value), currency)}
    </span>
  );
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
