// A log that is read while it is written: follow and pause, find, wrap, times, download.
import "./log.css";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useEffect, useRef, useState } from "react";
import { count, counted } from "~/format/amounts";
import { Trouble } from "~/views/Trouble";
import { Lines } from "./Lines";
import { LogBar } from "./LogBar";
import { useFind } from "./useFind";
import { useLog } from "./useLog";

interface LogViewProps {
  group: string;
  stream: string;
  isLive: boolean;
  /** The downloaded file's name. */
  fileName: string;
}

const NEAR_PX = 40;

export function LogView({ group, stream, isLive, fileName }: LogViewProps) {
  const [isPaused, setPaused] = useState(false);
  const [isFollowing, setFollowing] = useState(isLive);
  const [isWrapped, setWrapped] = useState(false);
  const [hasTimes, setTimes] = useState(false);
  const log = useLog(group, stream, isLive, isPaused);
  const frame = useRef<HTMLDivElement>(null);
  const found = useFind(frame, log.lines, hasTimes);
  const total = log.lines.length;

  // biome-ignore lint/correctness/useExhaustiveDependencies: each new line is followed
  useEffect(() => {
    const place = frame.current;
    if (place && isFollowing && !found.text) place.scrollTop = place.scrollHeight;
  }, [total, isFollowing, isWrapped]);

  function scrolled(): void {
    const place = frame.current;
    if (!place || !isLive) return;
    const isAtEnd = place.scrollHeight - place.scrollTop - place.clientHeight < NEAR_PX;
    if (isAtEnd !== isFollowing) setFollowing(isAtEnd);
  }

  return (
    <SpaceBetween size="s">
      <LogBar
        lines={log.lines}
        found={found}
        fileName={fileName}
        isLive={isLive}
        isPaused={isPaused}
        onPause={setPaused}
        isWrapped={isWrapped}
        onWrap={setWrapped}
        hasTimes={hasTimes}
        onTimes={setTimes}
        onEnd={() => {
          setFollowing(isLive);
          if (frame.current) frame.current.scrollTop = frame.current.scrollHeight;
        }}
      />
      {log.problem && <Trouble problem={log.problem} what="the log" onRetry={log.again} />}
      <section
        ref={frame}
        className={isWrapped ? "log wraps" : "log"}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by keys
        tabIndex={0}
        aria-label={`Log ${stream}`}
        onScroll={scrolled}
      >
        <Lines lines={log.lines} hasTimes={hasTimes} />
      </section>
      <div className="log-state">
        <LogState
          total={total}
          isLive={isLive}
          isPaused={isPaused}
          isCaughtUp={log.isCaughtUp}
          isCut={log.isCut}
        />
      </div>
    </SpaceBetween>
  );
}

interface LogStateProps {
  total: number;
  isLive: boolean;
  isPaused: boolean;
  isCaughtUp: boolean;
  isCut: boolean;
}

function LogState({ total, isLive, isPaused, isCaughtUp, isCut }: LogStateProps) {
  const lines = counted(total, "line");
  if (isCut) return <>The first {count(total)} lines are shown: the aws CLI reads the rest.</>;
  if (isPaused) return <StatusIndicator type="stopped">Paused at {lines}</StatusIndicator>;
  if (!isCaughtUp) return <StatusIndicator type="loading">Reading: {lines}</StatusIndicator>;
  if (isLive) return <StatusIndicator type="in-progress">{lines}, and more come</StatusIndicator>;
  return <StatusIndicator type="success">{lines}, the whole log</StatusIndicator>;
}
