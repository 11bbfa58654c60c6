// The lines themselves, in blocks that the browser lays out only when they come into view.
// A block that is full is never rendered again.
import { memo } from "react";
import { utcTime } from "~/format/time";
import type { LogLine } from "./useLog";

export const BLOCK_LINES = 500;

interface LinesProps {
  lines: LogLine[];
  hasTimes: boolean;
}

export function Lines({ lines, hasTimes }: LinesProps) {
  const blocks = [];
  for (let from = 0; from < lines.length; from += BLOCK_LINES) {
    const to = Math.min(lines.length, from + BLOCK_LINES);
    blocks.push(<Block key={from} lines={lines} from={from} to={to} hasTimes={hasTimes} />);
  }
  return <>{blocks}</>;
}

interface BlockProps extends LinesProps {
  from: number;
  to: number;
}

const Block = memo(
  function Block({ lines, from, to, hasTimes }: BlockProps) {
    const texts = [];
    for (let at = from; at < to; at++) texts.push(shown(lines[at] as LogLine, hasTimes));
    return (
      <div className="log-block" data-from={from}>
        {texts.join("\n")}
      </div>
    );
  },
  (before, after) =>
    before.to === after.to &&
    before.hasTimes === after.hasTimes &&
    before.lines[before.from] === after.lines[after.from],
);

/** A line as it stands on the screen and in the download. */
export function shown(line: LogLine, hasTimes: boolean): string {
  return hasTimes ? `${utcTime(new Date(line.at))}  ${line.text}` : line.text;
}

/** What stands before a line's own text: matches are shifted by it. */
export const leadOf = (line: LogLine, hasTimes: boolean): number =>
  shown(line, hasTimes).length - line.text.length;
