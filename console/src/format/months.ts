// Months as Cost Explorer asks for them: first day included, last excluded, UTC.

export interface Span {
  Start: string;
  End: string;
}

/** The month `back` months before this one. */
export function monthBack(back: number, now = new Date()): Span {
  const day = (month: number) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + month, 1))
      .toISOString()
      .slice(0, 10);
  return { Start: day(-back), End: day(1 - back) };
}

const named = new Intl.DateTimeFormat("en", { month: "long", year: "numeric", timeZone: "UTC" });

/** "November 2026" of a first day. */
export const monthName = (start: string): string => named.format(new Date(`${start}T00:00:00Z`));

/** Every day of a span, as `2026-11-01`. */
export function daysOf({ Start, End }: Span): string[] {
  const days: string[] = [];
  for (let at = Date.parse(Start); at < Date.parse(End); at += 86_400_000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}
