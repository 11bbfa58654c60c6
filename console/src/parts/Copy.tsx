// A text with a button that copies it; where that cannot be done, the text is selected instead.
import Button from "@cloudscape-design/components/button";
import { useRef, useState } from "react";
import { useAnnounce } from "~/page/announcer";
import { copyText } from "./copyText";

interface CopyProps {
  text: string;
  /** What it is, for who cannot see: "The ARN". */
  what: string;
  /** Shown instead of the text, such as a link. */
  shown?: React.ReactNode;
  /** Where the text stands, if not here: it is selected there. */
  of?: React.RefObject<HTMLElement | null>;
}

const BACK_MS = 2000;

export function Copy({ text, what, shown, of }: CopyProps) {
  const place = useRef<HTMLElement>(null);
  const [isDone, setDone] = useState(false);
  const announce = useAnnounce();

  async function copy(): Promise<void> {
    if (await copyText(text)) {
      setDone(true);
      announce(`${what} was copied.`);
      setTimeout(() => setDone(false), BACK_MS);
      return;
    }
    const found = of?.current ?? place.current;
    if (!found) return;
    getSelection()?.selectAllChildren(found);
    announce(`${what} is selected: copy it by keyboard.`);
  }

  return (
    <span>
      {shown ?? (
        <code ref={place} className="break">
          {text}
        </code>
      )}
      <Button
        variant="inline-icon"
        iconName={isDone ? "status-positive" : "copy"}
        ariaLabel={`Copy: ${what}`}
        onClick={() => void copy()}
      />
    </span>
  );
}
