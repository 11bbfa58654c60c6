// The choices above the list of jobs.
import Button from "@cloudscape-design/components/button";
import Select from "@cloudscape-design/components/select";
import { useMemo } from "react";
import { nameOf } from "~/format/arn";
import { ownerOf, wordsOf } from "~/studio/OwnerLink";
import { AGES, type FilterName, type JobFilter, UNTAGGED } from "./jobFilter";
import type { Job } from "./useJobs";

interface Option {
  value: string;
  label: string;
}

const KINDS = options(["Training", "Processing"]);
const STATUSES = options(["InProgress", "Completed", "Failed", "Stopping", "Stopped"]);
const SINCE = Object.entries(AGES).map(([value, [label]]) => ({ value, label }));

interface JobFiltersProps {
  jobs: Job[] | undefined;
  filter: JobFilter;
  names: Map<string, string>;
}

export function JobFilters({ jobs, filter, names }: JobFiltersProps) {
  const { domains, creators } = useMemo(() => found(jobs ?? [], names), [jobs, names]);
  const choice = (name: FilterName, label: string, all: string, choices: Option[]) => (
    <Select
      key={name}
      ariaLabel={label}
      selectedOption={
        [...choices, { value: "", label: all }].find((one) => one.value === filter[name]) ?? {
          value: filter[name],
          label: filter[name],
        }
      }
      options={[{ value: "", label: all }, ...choices]}
      expandToViewport
      {...(choices.length > 12 ? { filteringType: "auto" as const } : {})}
      onChange={({ detail }) => filter.set(name, detail.selectedOption.value ?? "")}
    />
  );
  return (
    <div className="choices">
      {choice("kind", "Kind", "All kinds", KINDS)}
      {choice("status", "Status", "Any status", STATUSES)}
      {choice("domain", "Domain", "All domains", domains)}
      {choice("creator", "Creator", "All creators", creators)}
      {choice("since", "Created", "Any time", SINCE)}
      {filter.isSet && (
        <Button variant="inline-link" onClick={filter.clear}>
          Clear
        </Button>
      )}
    </div>
  );
}

function options(values: string[]): Option[] {
  return values.map((value) => ({ value, label: value }));
}

/** The domains and people that occur, by name. */
function found(jobs: Job[], names: Map<string, string>): Record<"domains" | "creators", Option[]> {
  const domains = new Map<string, string>([[UNTAGGED, "No domain (untagged)"]]);
  const creators = new Map<string, string>();
  for (const { domainArn, creatorArn } of jobs) {
    const id = nameOf(domainArn ?? "");
    if (id) domains.set(id, names.get(id) ?? id);
    if (creatorArn) creators.set(nameOf(creatorArn), wordsOf(ownerOf(creatorArn)));
  }
  return { domains: sorted(domains), creators: sorted(creators) };
}

function sorted(found: Map<string, string>): Option[] {
  return [...found]
    .map(([value, label]) => ({ value, label }))
    .sort((a, b) => a.label.localeCompare(b.label));
}
