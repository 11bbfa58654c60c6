// Several runs side by side: their metrics plotted, and what differs between their parameters.
import Multiselect from "@cloudscape-design/components/multiselect";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Call } from "~/aws/useCall";
import { Empty } from "~/views/Empty";
import { View } from "~/views/View";
import { Charts } from "./Charts";
import { SideBySide } from "./SideBySide";
import { COMPARED_MAX, useChosen } from "./useChosen";
import type { Run } from "./useRuns";

export function CompareTab({ runs }: { runs: Call<Run[]> }) {
  return (
    <View
      of={runs}
      what="the runs"
      isEmpty={(all) => !all.length}
      empty={<Empty title="No runs yet">There is nothing to compare.</Empty>}
    >
      {(all) => <Compare all={all} />}
    </View>
  );
}

function Compare({ all }: { all: Run[] }) {
  const [chosen, choose] = useChosen();
  const shown = (chosen.length ? all.filter((run) => chosen.includes(run.name)) : all).slice(
    0,
    COMPARED_MAX,
  );
  const options = all.map((run) => ({ value: run.name, label: run.title }));
  return (
    <SpaceBetween size="l">
      <Multiselect
        ariaLabel="Runs that are compared"
        placeholder={`The newest ${shown.length}; choose up to ${COMPARED_MAX}`}
        selectedOptions={options.filter((one) => chosen.includes(one.value))}
        options={options}
        filteringType="auto"
        filteringAriaLabel="Find a run"
        deselectAriaLabel={(one) => `Remove ${one.label}`}
        onChange={({ detail }) =>
          choose(detail.selectedOptions.slice(0, COMPARED_MAX).map((one) => one.value ?? ""))
        }
      />
      <Charts runs={shown} />
      <SideBySide
        title="Metrics"
        description="The last value of each."
        runs={shown}
        of={(run) => new Map([...run.metrics].map(([name, { last }]) => [name, last]))}
      />
      <SideBySide title="Parameters" runs={shown} of={(run) => run.parameters} />
      <SideBySide title="Artifacts" runs={shown} of={(run) => run.artifacts} />
    </SpaceBetween>
  );
}
