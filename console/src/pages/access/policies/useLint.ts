// What Access Analyzer says of a policy while it is typed: asked once the typing rests.
import { ValidatePolicyCommand, type ValidatePolicyFinding } from "@aws-sdk/client-accessanalyzer";
import { useEffect, useState } from "react";
import { type Problem, problemOf } from "~/aws/problem";
import { accessanalyzer } from "~/aws/services/accessanalyzer";

export interface Finding {
  severity: "error" | "warning" | "note";
  code: string;
  details: string;
  /** Lines from 1; characters of the text from 0, as a text field counts them. */
  line: number;
  lastLine: number;
  start: number;
  end: number;
}

export interface Lint {
  findings: Finding[];
  isLoading: boolean;
  /** Why it cannot be said, such as a permission that is missing. */
  problem: Problem | undefined;
}

const REST_MS = 400;
const KINDS: Record<string, Finding["severity"]> = {
  ERROR: "error",
  SECURITY_WARNING: "warning",
  WARNING: "warning",
};

export function useLint(text: string, isTrust = false): Lint {
  const [lint, setLint] = useState<Lint>({ findings: [], isLoading: true, problem: undefined });
  useEffect(() => {
    const under = new AbortController();
    setLint((now) => ({ ...now, isLoading: true }));
    const timer = setTimeout(async () => {
      try {
        const findings = await asked(text, isTrust, under.signal);
        setLint({ findings, isLoading: false, problem: undefined });
      } catch (error) {
        if (under.signal.aborted) return;
        setLint({ findings: [], isLoading: false, problem: problemOf(error) });
      }
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      under.abort();
    };
  }, [text, isTrust]);
  return lint;
}

async function asked(text: string, isTrust: boolean, signal: AbortSignal): Promise<Finding[]> {
  if (!text.trim()) {
    const details = "The policy is empty. It needs a Version and a Statement.";
    return [{ severity: "error", code: "EMPTY", details, line: 1, lastLine: 1, start: 0, end: 0 }];
  }
  const answer = await accessanalyzer.send(
    ValidatePolicyCommand,
    {
      policyDocument: text,
      policyType: isTrust ? "RESOURCE_POLICY" : "IDENTITY_POLICY",
      ...(isTrust ? { validatePolicyResourceType: "AWS::IAM::AssumeRolePolicyDocument" } : {}),
    },
    signal,
  );
  return (answer.findings ?? []).map((one) => shown(one, text));
}

function shown(one: ValidatePolicyFinding, text: string): Finding {
  const span = one.locations?.[0]?.span;
  return {
    severity: KINDS[one.findingType ?? ""] ?? "note",
    code: one.issueCode ?? "",
    details: one.findingDetails ?? "",
    line: span?.start?.line ?? 1,
    lastLine: span?.end?.line ?? span?.start?.line ?? 1,
    start: place(text, span?.start?.offset ?? 0),
    end: place(text, span?.end?.offset ?? 0),
  };
}

/** The API counts characters, a text field UTF-16 units. */
function place(text: string, characters: number): number {
  return [...text].slice(0, characters).join("").length;
}
