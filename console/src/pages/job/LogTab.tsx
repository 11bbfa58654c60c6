// The log of a job: the stream of its host, or another that is chosen.
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { LogView } from "~/log/LogView";
import { useStreams } from "~/log/useStreams";
import { useUrlState } from "~/page/urlState";
import { isPassing } from "~/parts/Status";
import { Empty } from "~/views/Empty";
import { View } from "~/views/View";
import type { JobFacts } from "./facts";

export function LogTab({ facts }: { facts: JobFacts }) {
  const isLive = isPassing(facts.status);
  const streams = useStreams(facts.logGroup, facts.name, isLive);
  const [wanted, choose] = useUrlState("stream");
  return (
    <View
      of={streams}
      what={`the log of ${facts.name}`}
      isEmpty={(found) => !found.length}
      empty={
        <Empty title="Nothing was written yet">
          {isLive ? "The log begins when the job's script does." : "The job ended before it ran."}
        </Empty>
      }
    >
      {(found) => {
        const stream = found.includes(wanted) ? wanted : (found[0] ?? "");
        return (
          <SpaceBetween size="s">
            {found.length > 1 && (
              <Select
                ariaLabel="Log stream"
                selectedOption={{ value: stream, label: stream }}
                options={found.map((value) => ({ value, label: value }))}
                onChange={({ detail }) => choose(detail.selectedOption.value ?? "")}
              />
            )}
            <LogView
              key={stream}
              group={facts.logGroup}
              stream={stream}
              isLive={isLive}
              fileName={`${facts.name}.log`}
            />
          </SpaceBetween>
        );
      }}
    </View>
  );
}
