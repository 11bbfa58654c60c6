// A longer text as it is, such as a command or a policy, with a button that copies it; where that
// cannot be done, the text is selected.
import { useRef } from "react";
import { Copy } from "./Copy";

/** `what`: for who cannot see: "The policy". */
export function Code({ text, what }: { text: string; what: string }) {
  const place = useRef<HTMLPreElement>(null);
  return (
    <>
      <pre ref={place} className="code">
        {text}
      </pre>
      <Copy text={text} what={what} shown="Copy " of={place} />
    </>
  );
}
