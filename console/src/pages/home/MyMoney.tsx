// A person's money: this month's cost, what an hour costs now, and what remains of budgets.

import { GetCostAndUsageCommand } from "@aws-sdk/client-cost-explorer";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { costs } from "~/aws/services/money/costs";
import { type Call, useCall } from "~/aws/useCall";
import { counted, money, rate } from "~/format/amounts";
import { thisMonth } from "~/format/time";
import { useIdentity } from "~/session/useSession";
import { PROFILE_TAG } from "~/studio/OwnerLink";
import { useRates } from "~/studio/rates";
import { Budgets } from "./Budgets";
import type { Me } from "./mine";
import { noAccess } from "./noAccess";
import { profileArn } from "./useMyJobs";
import type { Studio } from "./useStudio";

export function MyMoney({ me, studio }: { me: Me; studio: Call<Studio> }) {
  return (
    <Container header={<Header variant="h2">Now</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: "My cost this month (UTC)", value: <Month me={me} /> },
          { label: "Running now", value: <Running studio={studio} /> },
          { label: "Budget", value: <Budgets me={me} /> },
        ]}
      />
    </Container>
  );
}

function Month({ me }: { me: Me }) {
  const { region, accountId } = useIdentity();
  const cost = useCall(costs, GetCostAndUsageCommand, {
    TimePeriod: thisMonth(),
    Granularity: "MONTHLY",
    Metrics: ["UnblendedCost"],
    Filter: { Tags: { Key: PROFILE_TAG, Values: [profileArn(region, accountId, me)] } },
  });
  if (cost.problem) {
    return <span title={cost.problem.message}>{noAccess(cost.problem.kind)}</span>;
  }
  const usd = cost.data?.ResultsByTime?.[0]?.Total?.UnblendedCost?.Amount;
  return <>{cost.data ? money(usd ?? 0) : "..."}</>;
}

function Running({ studio }: { studio: Call<Studio> }) {
  const rates = useRates();
  const running = (studio.data?.places ?? []).filter(({ app }) => app?.Status === "InService");
  if (!studio.data) return <>{studio.problem ? "Unknown" : "..."}</>;
  if (!running.length) return <>Nothing runs</>;
  const known = running.map((place) => rates.data?.get(place.instance)?.usd);
  const sum = known.reduce<number>((all, usd) => all + (usd ?? 0), 0);
  const apps = counted(running.length, "notebook");
  if (!rates.data || known.includes(undefined)) return <>{apps}</>;
  return (
    <>
      {apps}, {rate(sum)}
    </>
  );
}
