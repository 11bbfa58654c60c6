// What one person or space cost this month and last, by kind of use.
import { GetCostAndUsageCommand } from "@aws-sdk/client-cost-explorer";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { costs } from "~/aws/services/money/costs";
import { useCall } from "~/aws/useCall";
import { money } from "~/format/amounts";
import { monthBack, monthName } from "~/format/months";
import { Empty } from "~/views/Empty";
import { View } from "~/views/View";
import { type Owner, PROFILE_TAG, SPACE_TAG } from "./OwnerLink";

export function SpentBox({ owner, arn }: { owner: Owner; arn: string }) {
  const period = { Start: monthBack(1).Start, End: monthBack(0).End };
  const asked = {
    TimePeriod: period,
    Granularity: "MONTHLY" as const,
    Metrics: ["UnblendedCost"],
    Filter: { Tags: { Key: owner.kind === "space" ? SPACE_TAG : PROFILE_TAG, Values: [arn] } },
  };
  const total = useCall(costs, GetCostAndUsageCommand, asked);
  const parts = useCall(costs, GetCostAndUsageCommand, {
    ...asked,
    GroupBy: [{ Type: "DIMENSION", Key: "USAGE_TYPE" }],
  });
  return (
    <Container
      header={
        <Header variant="h2" description="UTC months, before credits; this month's so far.">
          Cost
        </Header>
      }
    >
      <View of={total} what={`the cost of ${owner.name}`}>
        {(data) => (
          <KeyValuePairs
            columns={3}
            minColumnWidth={220}
            items={[
              ...(data.ResultsByTime ?? []).toReversed().map((month) => ({
                label: monthName(month.TimePeriod?.Start ?? ""),
                value: money(month.Total?.UnblendedCost?.Amount ?? 0),
              })),
              { label: "This month, by use", value: <Parts of={parts} /> },
            ]}
          />
        )}
      </View>
    </Container>
  );
}

interface Parts {
  of: ReturnType<typeof useCall<typeof GetCostAndUsageCommand>>;
}

function Parts({ of }: Parts) {
  return (
    <View of={of} what="the kinds of use">
      {(data) => {
        const groups = data.ResultsByTime?.at(-1)?.Groups ?? [];
        if (!groups.length) return <Empty title="Nothing yet" />;
        return (
          <ul className="plain">
            {groups.map((group) => (
              <li key={group.Keys?.[0]}>
                {money(group.Metrics?.UnblendedCost?.Amount ?? 0)} {group.Keys?.[0]}
              </li>
            ))}
          </ul>
        );
      }}
    </View>
  );
}
