// What became of one action, newest first.
import {
  type Action,
  DescribeBudgetActionHistoriesCommand,
  type ActionHistory as Line,
} from "@aws-sdk/client-budgets";
import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Table from "@cloudscape-design/components/table";
import { budgets } from "~/aws/services/money/budgets";
import { usePages } from "~/aws/useCall";
import { When } from "~/parts/When";
import { useIdentity } from "~/session/useSession";
import { View } from "~/views/View";
import { ActionState, isBusy } from "./State";
import { thresholdText } from "./thresholdText";

const BUSY_MS = 2000;
const LOOK_MS = 15_000;

export function ActionHistory({ action }: { action: Action }) {
  const { accountId: AccountId } = useIdentity();
  const { BudgetName, ActionId, Status } = action;
  const input = { AccountId, BudgetName, ActionId, MaxResults: 100 };
  const lines = usePages(budgets, DescribeBudgetActionHistoriesCommand, input, "ActionHistories", {
    every: () => (isBusy(Status) ? BUSY_MS : LOOK_MS),
  });
  return (
    <ExpandableSection
      variant="container"
      headerText={`What became of it: ${thresholdText(action)}`}
      defaultExpanded={Status !== "STANDBY"}
    >
      <View of={lines} what="the history of the action">
        {(found) => (
          <Table<Line>
            variant="embedded"
            wrapLines
            items={found}
            trackBy={(line) => `${line.Timestamp?.getTime()} ${line.Status}`}
            columnDefinitions={[
              { id: "at", header: "When", cell: ({ Timestamp }) => <When at={Timestamp} /> },
              {
                id: "status",
                header: "Status",
                cell: (line) => <ActionState status={line.Status} />,
              },
              {
                id: "why",
                header: "Why",
                cell: ({ ActionHistoryDetails }) => (
                  <span className="break">{ActionHistoryDetails?.Message}</span>
                ),
              },
            ]}
            ariaLabels={{ tableLabel: "What became of the action" }}
            empty={<Box>Nothing yet</Box>}
          />
        )}
      </View>
    </ExpandableSection>
  );
}
