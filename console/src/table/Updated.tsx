// "Updated 5 seconds ago" with a button that asks again; says when it asks.
import Button from "@cloudscape-design/components/button";
import { useEffect, useState } from "react";
import type { Call } from "~/aws/useCall";
import { ago } from "~/format/time";

const TICK_MS = 5000;

export function Updated({ of, what }: { of: Call<unknown>; what: string }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const words = of.at ? `Updated ${ago(new Date(of.at), Math.max(now, of.at))}` : "Not yet loaded";
  return (
    <Button
      iconName="refresh"
      ariaLabel={`Ask again for ${what}. ${words}`}
      loading={of.isLoading && of.at === 0}
      onClick={of.refresh}
    />
  );
}
