// Where the pages of the registry stand.

export const groupPath = (group: string): string => `/registry/${encodeURIComponent(group)}`;

export const versionPath = (group: string, version: string): string =>
  `${groupPath(group)}/${encodeURIComponent(version)}`;

export const modelPath = (model: string): string => `/models/${encodeURIComponent(model)}`;
