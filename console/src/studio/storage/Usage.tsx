// Bytes that are used of a volume's size, with a bar; only the bytes where there is no size.
import ProgressBar from "@cloudscape-design/components/progress-bar";
import { bytes } from "~/format/amounts";
import type { Holding } from "./useStored";

export function Usage({ of, label }: { of: Holding; label: string }) {
  const { bytes: used, provisionedBytes } = of;
  if (used === undefined && !provisionedBytes) return <>Not counted yet</>;
  if (!provisionedBytes) return <span className="number">{bytes(used ?? 0)}</span>;
  if (used === undefined) return <>{bytes(provisionedBytes)}, use not counted yet</>;
  const share = Math.min(100, (used / provisionedBytes) * 100);
  return (
    <ProgressBar
      value={share}
      ariaLabel={label}
      additionalInfo={`${bytes(used)} of ${bytes(provisionedBytes)}`}
    />
  );
}
