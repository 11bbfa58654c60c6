// The isolation check: its verdict, who reaches whom, and every way in full.
import { ListDomainsCommand } from "@aws-sdk/client-sagemaker";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { sagemaker } from "~/aws/services/sagemaker";
import { usePages } from "~/aws/useCall";
import { InnerButton } from "~/parts/InnerButton";
import { Empty } from "~/views/Empty";
import { View } from "~/views/View";
import { type Run, runOf, useRun, useWays } from "./analysis";
import { Matrix } from "./Matrix";
import { Verdict } from "./Verdict";
import { WaysTable } from "./WaysTable";

export function IsolationTab() {
  const analyzer = useRun();
  return (
    <View of={analyzer} what="the isolation check">
      {(data) => <Checked run={runOf(data.analyzer)} />}
    </View>
  );
}

function Checked({ run }: { run: Run }) {
  const ways = useWays(run);
  const domains = usePages(sagemaker, ListDomainsCommand, { MaxResults: 100 }, "Domains");
  const leaks = ways.data?.filter((way) => way.status === "ACTIVE").length;
  return (
    <SpaceBetween size="l">
      <Verdict run={run} leaks={leaks} />
      {run.verdict && ways.data && (
        <View
          of={domains}
          what="the domains"
          isEmpty={(found) => found.length === 0}
          empty={
            <Empty
              title="No domains yet"
              action={<InnerButton to="/domains/create">Create domain</InnerButton>}
            >
              With two of them there is something to keep apart.
            </Empty>
          }
        >
          {(found) => <Matrix domains={found} ways={ways.data ?? []} />}
        </View>
      )}
      <WaysTable of={ways} run={run} />
    </SpaceBetween>
  );
}
