// How much of a limit is used: a bar, and once it is passed a sign and the figure in words instead: a
// bar cannot say more than 100%.
import ProgressBar from "@cloudscape-design/components/progress-bar";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { percent } from "~/format/amounts";
import { exact, share } from "~/format/exact";

interface UsedProps {
  used: string | undefined;
  limit: string | undefined;
  /** For who cannot see: "finance: used". */
  label: string;
  /** What is to be expected, not what was spent. */
  isForecast?: boolean;
}

const NEAR = 0.8;

export function Used({ used, limit, label, isForecast = false }: UsedProps) {
  const part = share(exact(used), exact(limit));
  if (part === null) return <>-</>;
  return (
    <>
      {part <= 1 && <ProgressBar value={part * 100} ariaLabel={label} variant="standalone" />}
      {part >= NEAR && (
        <div>
          <StatusIndicator type={part > 1 && !isForecast ? "error" : "warning"}>
            {wordsOf(part, isForecast)}
          </StatusIndicator>
        </div>
      )}
    </>
  );
}

const TIMES = 10; // above it percents say less than "12x"

function wordsOf(part: number, isForecast: boolean): string {
  const much = part < TIMES ? percent(part) : `${Math.floor(part)}x`;
  if (part > 1) return isForecast ? `Will be over: ${much}` : `Over: ${much}`;
  return isForecast ? `Will be near: ${much}` : "Nearly used";
}

export const usedShare = (used: string | undefined, limit: string | undefined): number =>
  share(exact(used), exact(limit)) ?? 0;
