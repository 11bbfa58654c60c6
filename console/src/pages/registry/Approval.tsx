// Whether a version may be used: in words.
import { Status } from "~/parts/Status";

const WORDS: Record<string, string> = { PendingManualApproval: "Waits for approval" };

export function Approval({ status }: { status: string | undefined }) {
  const word = WORDS[status ?? ""];
  return <Status status={status} {...(word ? { word } : {})} />;
}
