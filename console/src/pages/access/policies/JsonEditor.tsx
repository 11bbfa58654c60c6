// A field for a policy: line numbers, the lines that findings speak of marked, a list of findings that
// leads to each. A plain text field: every key and screen reader works, and the page's strict policy
// needs no exception (Ace would cost 129 kB and a blob worker).
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useEffect, useId, useRef } from "react";
import { counted } from "~/format/amounts";
import "./editor.css";
import { laidOut } from "./texts";
import type { Finding, Lint } from "./useLint";

interface JsonEditorProps {
  label: string;
  text: string;
  onChange: (text: string) => void;
  lint: Lint;
  isReadOnly?: boolean;
  /** A line to go to when it opens. */
  line?: number;
}

const ROWS_MIN = 12;
const ROWS_MAX = 400; // above, the field scrolls: no policy of IAM's is so long
const TYPES = { error: "error", warning: "warning", note: "info" } as const;

export function JsonEditor(given: JsonEditorProps) {
  const { label, text, onChange, lint, isReadOnly = false, line } = given;
  const field = useRef<HTMLTextAreaElement>(null);
  const told = useId();
  const lines = text.split("\n");
  const rows = Math.min(ROWS_MAX, Math.max(ROWS_MIN, lines.length + 1));

  useEffect(() => {
    if (!line || !field.current) return;
    const start = offsetOf(field.current.value, line);
    select(field.current, start, field.current.value.indexOf("\n", start));
  }, [line]);

  return (
    <SpaceBetween size="s">
      <div className="editor">
        <div className="editor-lines" aria-hidden="true">
          {Array.from({ length: Math.max(lines.length, ROWS_MIN) }, (_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line's number is what it is
            <div key={at} className={`editor-line ${markOf(lint.findings, at + 1)}`}>
              {at < lines.length ? at + 1 : ""}
            </div>
          ))}
        </div>
        <textarea
          ref={field}
          className="editor-text"
          aria-label={label}
          aria-describedby={told}
          aria-invalid={lint.findings.some((one) => one.severity === "error")}
          value={text}
          readOnly={isReadOnly}
          rows={rows}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          onChange={(event) => onChange(event.target.value)}
        />
      </div>
      <div id={told} aria-live="polite">
        <Summary lint={lint} />
      </div>
      {lint.findings.map((one) => (
        <FindingLine
          key={`${one.code} ${one.start} ${one.details}`}
          of={one}
          onGo={() => field.current && select(field.current, one.start, one.end)}
        />
      ))}
      {!isReadOnly && <Button onClick={() => onChange(laidOut(text))}>Lay out</Button>}
    </SpaceBetween>
  );
}

function Summary({ lint }: { lint: Lint }) {
  if (lint.problem) {
    return (
      <StatusIndicator type="info">It cannot be checked: {lint.problem.message}</StatusIndicator>
    );
  }
  if (lint.findings.length) {
    const errors = lint.findings.filter((one) => one.severity === "error").length;
    return (
      <StatusIndicator type={errors ? "error" : "warning"}>
        {counted(lint.findings.length, "finding")}
      </StatusIndicator>
    );
  }
  if (lint.isLoading) return <StatusIndicator type="loading">Checking</StatusIndicator>;
  return <StatusIndicator type="success">Access Analyzer finds nothing wrong</StatusIndicator>;
}

function FindingLine({ of, onGo }: { of: Finding; onGo: () => void }) {
  return (
    <Box>
      <StatusIndicator type={TYPES[of.severity]}>
        <Button
          variant="inline-link"
          onClick={onGo}
          ariaLabel={`Go to line ${of.line}: ${of.code}`}
        >
          Line {of.line}
        </Button>{" "}
        <code>{of.code}</code>
      </StatusIndicator>
      <Box variant="small" display="block">
        <span className="break">{of.details}</span>
      </Box>
    </Box>
  );
}

/** The mark of a line: where a finding's statement begins, its lines are all marked lightly. */
function markOf(findings: Finding[], line: number): string {
  const here = findings.filter((one) => one.line <= line && line <= one.lastLine);
  if (here.some((one) => one.severity === "error")) return "editor-error";
  return here.length ? "editor-warning" : "";
}

function offsetOf(text: string, line: number): number {
  const before = text.split("\n").slice(0, line - 1);
  return before.reduce((sum, one) => sum + one.length + 1, 0);
}

function select(field: HTMLTextAreaElement, start: number, end: number): void {
  field.focus();
  field.setSelectionRange(start, Math.max(start, end));
  const height = field.scrollHeight / Math.max(1, field.value.split("\n").length);
  const line = field.value.slice(0, start).split("\n").length;
  const top = field.getBoundingClientRect().top + line * height;
  if (top < 120 || top > innerHeight - 80) scrollBy({ top: top - innerHeight / 3 });
}
