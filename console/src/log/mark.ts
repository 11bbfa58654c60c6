// Marks matches in the log and brings one into view, without touching what React made: the
// browser's own highlights (CSS Custom Highlight API), where it has them.
import type { Match } from "./find";
import { BLOCK_LINES, leadOf, shown } from "./Lines";
import type { LogLine } from "./useLog";

const MARKED_MAX = 2000;

export function mark(
  root: HTMLElement,
  lines: LogLine[],
  hasTimes: boolean,
  matches: Match[],
  length: number,
  chosen: number,
): void {
  clearMarks();
  const rangeOf = ranges(root, lines, hasTimes, length);
  const first = Math.max(0, chosen - MARKED_MAX / 2);
  const all = matches.slice(first, first + MARKED_MAX).map(rangeOf);
  const one = matches[chosen] && rangeOf(matches[chosen]);
  if (typeof Highlight !== "undefined") {
    CSS.highlights.set("found", new Highlight(...all.filter((range) => range !== null)));
    if (one) CSS.highlights.set("chosen", new Highlight(one));
  }
  if (one) bringIntoView(root, one);
}

export function clearMarks(): void {
  if (typeof Highlight === "undefined") return;
  CSS.highlights.delete("found");
  CSS.highlights.delete("chosen");
}

function ranges(root: HTMLElement, lines: LogLine[], hasTimes: boolean, length: number) {
  const blocks = root.querySelectorAll(".log-block");
  const starts = new Map<number, number[]>();
  return ({ line, from }: Match): Range | null => {
    const block = Math.floor(line / BLOCK_LINES);
    const text = blocks[block]?.firstChild;
    if (!text) return null;
    if (!starts.has(block)) starts.set(block, startsOf(lines, block, hasTimes));
    const begin =
      (starts.get(block)?.[line - block * BLOCK_LINES] ?? 0) +
      leadOf(lines[line] as LogLine, hasTimes) +
      from;
    if (begin + length > (text.textContent?.length ?? 0)) return null;
    const range = new Range();
    range.setStart(text, begin);
    range.setEnd(text, begin + length);
    return range;
  };
}

/** Where each line of a block begins in its text. */
function startsOf(lines: LogLine[], block: number, hasTimes: boolean): number[] {
  const starts: number[] = [];
  let at = 0;
  const end = Math.min(lines.length, (block + 1) * BLOCK_LINES);
  for (let line = block * BLOCK_LINES; line < end; line++) {
    starts.push(at);
    at += shown(lines[line] as LogLine, hasTimes).length + 1;
  }
  return starts;
}

/** First the block, which is laid out then, then the very line. */
function bringIntoView(root: HTMLElement, range: Range): void {
  range.startContainer.parentElement?.scrollIntoView({ block: "nearest" });
  requestAnimationFrame(() => {
    const place = range.getBoundingClientRect();
    const frame = root.getBoundingClientRect();
    root.scrollTop += place.top - frame.top - frame.height / 2;
    if (place.right > frame.right || place.left < frame.left) {
      root.scrollLeft += place.left - frame.left - frame.width / 3;
    }
  });
}
