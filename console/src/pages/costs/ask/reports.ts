// Views that were kept under a name: in this browser alone, and only what their address says.

export interface Report {
  name: string;
  /** The query of the page's address. */
  query: string;
}

const PLACE = "freehold.costs.reports";
const REPORTS_MAX = 50;
const NAME_MAX = 80;

export function keptReports(): Report[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PLACE) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isReport).slice(0, REPORTS_MAX) : [];
  } catch {
    return []; // nothing that we wrote
  }
}

/** Keeps one; of the same name the older goes. Null if the browser keeps nothing. */
export function keepReport(report: Report): Report[] | null {
  const others = keptReports().filter(({ name }) => name !== report.name);
  return put([...others, report].sort((a, b) => a.name.localeCompare(b.name, "en")));
}

export function dropReport(name: string): Report[] | null {
  return put(keptReports().filter((one) => one.name !== name));
}

/** Why a report may not be called so; "" if it may. */
export function reportTrouble(name: string, kept: Report[]): string {
  if (!name.trim()) return "Enter a name.";
  if (name.length > NAME_MAX) return `A name has at most ${NAME_MAX} characters.`;
  const isNew = !kept.some((one) => one.name === name);
  return isNew && kept.length >= REPORTS_MAX ? `At most ${REPORTS_MAX} reports are kept.` : "";
}

function put(reports: Report[]): Report[] | null {
  try {
    localStorage.setItem(PLACE, JSON.stringify(reports));
    return reports;
  } catch {
    return null;
  }
}

function isReport(one: unknown): one is Report {
  const { name, query } = (one ?? {}) as Partial<Report>;
  return typeof name === "string" && typeof query === "string";
}
