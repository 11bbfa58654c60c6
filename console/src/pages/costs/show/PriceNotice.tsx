// Whose prices these are: said as long as the price list says so of itself.
import Alert from "@cloudscape-design/components/alert";
import { usePriceNotice } from "~/pages/costs/ask/useCosts";

export function PriceNotice() {
  const notice = usePriceNotice();
  if (!notice) return null;
  return (
    <Alert type="info" header="About these prices">
      {notice}
    </Alert>
  );
}
