// What was spent in the periods before, and their average as an offer: an amount is chosen beside it.
import { GetCostAndUsageCommand } from "@aws-sdk/client-cost-explorer";
import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { costs } from "~/aws/services/money/costs";
import { useCall } from "~/aws/useCall";
import { money } from "~/format/amounts";
import { drawn, exact, sum } from "~/format/exact";
import { todayUtc } from "~/money/useForecast";
import { Empty } from "~/views/Empty";
import { View } from "~/views/View";
import { type Bucket, buckets, pastOf } from "./past";

const HEIGHT = 160;
const DOMAIN_TAG = "sagemaker:domain-arn";

interface PastSpendProps {
  unit: string;
  /** ARNs; none: the whole account. */
  domains: string[];
  onTake: ((amount: string) => void) | undefined;
}

export function PastSpend({ unit, domains, onTake }: PastSpendProps) {
  const past = pastOf(unit, todayUtc());
  const spent = useCall(costs, GetCostAndUsageCommand, {
    TimePeriod: past.period,
    Granularity: past.granularity,
    Metrics: ["UnblendedCost"],
    ...(domains.length ? { Filter: { Tags: { Key: DOMAIN_TAG, Values: domains } } } : {}),
  });
  return (
    <FormField label={`What was spent: ${past.text}`} stretch>
      <View of={spent} what="what was spent before">
        {({ ResultsByTime = [] }) => (
          <Drawn found={buckets(ResultsByTime, past)} onTake={onTake} noun={past.noun} />
        )}
      </View>
    </FormField>
  );
}

interface DrawnProps {
  found: Bucket[];
  noun: string;
  onTake: ((amount: string) => void) | undefined;
}

function Drawn({ found, noun, onTake }: DrawnProps) {
  const whole = found.filter(({ isWhole, amount }) => isWhole && exact(amount) > 0n);
  const total = sum(whole.map(({ amount }) => exact(amount)));
  const average = whole.length ? drawn(total) / whole.length : 0;
  const offer = average >= 1 ? String(Math.ceil(average)) : average.toFixed(2);
  return (
    <SpaceBetween size="s">
      <BarChart<string>
        height={HEIGHT}
        xScaleType="categorical"
        xDomain={found.map(({ start }) => start)}
        hideFilter
        hideLegend
        emphasizeBaselineAxis
        ariaLabel="What was spent before"
        xTitle="From (UTC)"
        yTitle="USD"
        series={
          total > 0n || found.some(({ amount }) => exact(amount) > 0n)
            ? [
                {
                  type: "bar",
                  title: "Spent",
                  valueFormatter: (value: number) => money(value),
                  data: found.map(({ start, amount }) => ({ x: start, y: drawn(exact(amount)) })),
                },
              ]
            : []
        }
        i18nStrings={{ yTickFormatter: (value) => money(value) }}
        empty={<Empty title="Nothing was spent yet">There is no average to offer.</Empty>}
      />
      {whole.length > 0 && (
        <SpaceBetween direction="horizontal" size="s" alignItems="center">
          <Box>
            On the average {money(average)} {noun}, whole periods with spend only.
          </Box>
          {onTake && Number(offer) > 0 && (
            <Button onClick={() => onTake(offer)}>Take {money(offer)}</Button>
          )}
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}
