// What is searched for in the log, its matches, and the one that is stepped to.
import { type RefObject, useEffect, useMemo, useState } from "react";
import { useUrlState } from "~/page/urlState";
import { find, MATCHES_MAX, type Match } from "./find";
import { clearMarks, mark } from "./mark";
import type { LogLine } from "./useLog";

export interface Find {
  text: string;
  setText: (text: string) => void;
  matches: Match[];
  chosen: number;
  isMore: boolean;
  step: (by: number) => void;
}

export function useFind(
  frame: RefObject<HTMLElement | null>,
  lines: LogLine[],
  hasTimes: boolean,
): Find {
  const [text, setText] = useUrlState("find");
  const [chosen, choose] = useState(0);
  const matches = useMemo(() => find(lines, text), [lines, text]);

  useEffect(() => {
    if (!frame.current || !matches.length) clearMarks();
    else mark(frame.current, lines, hasTimes, matches, text.length, chosen);
  }, [frame, lines, hasTimes, matches, text, chosen]);
  useEffect(() => clearMarks, []);

  return {
    text,
    setText: (next) => {
      choose(0);
      setText(next);
    },
    matches,
    chosen,
    isMore: matches.length >= MATCHES_MAX,
    step: (by) => matches.length && choose((now) => (now + by + matches.length) % matches.length),
  };
}
