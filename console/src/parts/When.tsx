// A time: how long ago, with the local time and UTC on hover and for who cannot see.
import { useSyncExternalStore } from "react";
import { ago, localTime, utcTime } from "~/format/time";

const TICK_MS = 10_000;
let now = Date.now();

function subscribe(listener: () => void): () => void {
  const timer = setInterval(() => {
    now = Date.now();
    listener();
  }, TICK_MS);
  return () => clearInterval(timer);
}

export function When({ at }: { at: Date | undefined }) {
  useSyncExternalStore(subscribe, () => now);
  if (!at) return <>-</>;
  return (
    <time dateTime={at.toISOString()} title={`${localTime(at)} (${utcTime(at)})`}>
      {ago(at)}
    </time>
  );
}
