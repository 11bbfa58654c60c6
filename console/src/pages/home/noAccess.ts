// What stands in the place of a figure that could not be had.

export const noAccess = (kind: string): string =>
  kind === "forbidden" ? "You may not see it" : "Unknown";
