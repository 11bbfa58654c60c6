// Where a text stands in the lines of a log: plain text, no matter of case.
import type { LogLine } from "./useLog";

export interface Match {
  line: number;
  from: number;
}

/** More are counted, not marked: nobody steps through ten thousand. */
export const MATCHES_MAX = 10_000;

export function find(lines: LogLine[], text: string): Match[] {
  const wanted = text.toLowerCase();
  const found: Match[] = [];
  if (!wanted) return found;
  for (let line = 0; line < lines.length && found.length < MATCHES_MAX; line++) {
    const here = (lines[line] as LogLine).text.toLowerCase();
    let from = here.indexOf(wanted);
    while (from >= 0 && found.length < MATCHES_MAX) {
      found.push({ line, from });
      from = here.indexOf(wanted, from + wanted.length);
    }
  }
  return found;
}
