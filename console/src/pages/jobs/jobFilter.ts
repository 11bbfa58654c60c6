// What of the jobs is shown: kind, status, domain, creator and age, all in the address.
import { useMemo } from "react";
import { useUrlStates } from "~/page/urlState";
import type { Job } from "./useJobs";

export interface JobFilter {
  kind: string;
  status: string;
  domain: string;
  creator: string;
  since: string;
  set: (name: FilterName, value: string) => void;
  clear: () => void;
  isSet: boolean;
}

export type FilterName = "kind" | "status" | "domain" | "creator" | "since";

/** Stands for what carries no domain's tag: shown apart, never hidden. */
export const UNTAGGED = "untagged";
export const AGES: Record<string, [string, number]> = {
  "1h": ["Last hour", 3600],
  "1d": ["Last 24 hours", 86_400],
  "7d": ["Last 7 days", 7 * 86_400],
  "30d": ["Last 30 days", 30 * 86_400],
};

const NAMES: FilterName[] = ["kind", "status", "domain", "creator", "since"];

export function useJobFilter(): JobFilter {
  const [query, set] = useUrlStates();
  const of = (name: FilterName) => query.get(name) ?? "";
  return {
    kind: of("kind"),
    status: of("status"),
    domain: of("domain"),
    creator: of("creator"),
    since: of("since"),
    set: (name, value) => set({ [name]: value, "jobs.page": null }),
    clear: () => set(Object.fromEntries(NAMES.map((name) => [name, null]))),
    isSet: NAMES.some((name) => query.has(name)),
  };
}

export function useShown(jobs: Job[] | undefined, filter: JobFilter): Job[] | undefined {
  const { kind, status, domain, creator, since } = filter;
  return useMemo(() => {
    const age = AGES[since]?.[1];
    const first = age ? Date.now() - age * 1000 : 0;
    return jobs?.filter(
      (job) =>
        (!kind || job.kind === kind) &&
        (!status || job.status === status) &&
        (!domain ||
          (domain === UNTAGGED ? !job.domainArn : job.domainArn?.endsWith(`/${domain}`))) &&
        (!creator || job.creatorArn?.endsWith(`/${creator}`)) &&
        (job.created?.getTime() ?? 0) >= first,
    );
  }, [jobs, kind, status, domain, creator, since]);
}
