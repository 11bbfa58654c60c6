// The bar above a log: find with steps, pause, wrap, times, to the end, download.
import Button from "@cloudscape-design/components/button";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { count } from "~/format/amounts";
import { shown } from "./Lines";
import type { Find } from "./useFind";
import type { LogLine } from "./useLog";

interface LogBarProps {
  lines: LogLine[];
  found: Find;
  fileName: string;
  isLive: boolean;
  isPaused: boolean;
  onPause: (isPaused: boolean) => void;
  isWrapped: boolean;
  onWrap: (isWrapped: boolean) => void;
  hasTimes: boolean;
  onTimes: (hasTimes: boolean) => void;
  onEnd: () => void;
}

export function LogBar(given: LogBarProps) {
  const { lines, found, isLive, isPaused, isWrapped, hasTimes } = given;
  return (
    <div className="bar">
      <SpaceBetween direction="horizontal" size="xs" alignItems="center">
        <Input
          type="search"
          value={found.text}
          placeholder="Find in the log"
          ariaLabel="Find in the log"
          clearAriaLabel="Clear"
          onChange={({ detail }) => found.setText(detail.value)}
          onKeyDown={({ detail }) => {
            if (detail.key === "Enter") found.step(detail.shiftKey ? -1 : 1);
          }}
        />
        {found.text && (
          <span role="status" className="number">
            {found.matches.length
              ? `${count(found.chosen + 1)} of ${count(found.matches.length)}${found.isMore ? "+" : ""}`
              : "No matches"}
          </span>
        )}
        {found.matches.length > 1 && (
          <>
            <Button
              iconName="angle-up"
              variant="icon"
              ariaLabel="Match before"
              onClick={() => found.step(-1)}
            />
            <Button
              iconName="angle-down"
              variant="icon"
              ariaLabel="Next match"
              onClick={() => found.step(1)}
            />
          </>
        )}
      </SpaceBetween>
      <SpaceBetween direction="horizontal" size="s" alignItems="center">
        <Toggle checked={isWrapped} onChange={({ detail }) => given.onWrap(detail.checked)}>
          Wrap
        </Toggle>
        <Toggle checked={hasTimes} onChange={({ detail }) => given.onTimes(detail.checked)}>
          Times
        </Toggle>
        {isLive && (
          <Button iconName={isPaused ? "play" : "pause"} onClick={() => given.onPause(!isPaused)}>
            {isPaused ? "Go on" : "Pause"}
          </Button>
        )}
        <Button iconName="angle-down" onClick={given.onEnd}>
          To the end
        </Button>
        <Button
          iconName="download"
          disabled={!lines.length}
          onClick={() => save(lines, hasTimes, given.fileName)}
        >
          Download
        </Button>
      </SpaceBetween>
    </div>
  );
}

function save(lines: LogLine[], hasTimes: boolean, name: string): void {
  const parts = lines.map((line) => `${shown(line, hasTimes)}\n`);
  const url = URL.createObjectURL(new Blob(parts, { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
