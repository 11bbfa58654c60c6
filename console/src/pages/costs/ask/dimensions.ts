// What costs are grouped and filtered by: our words, and what Cost Explorer calls it.

export interface Dimension {
  id: string;
  /** "Domain", as a column and a filter. */
  text: string;
  many: string;
  type: "TAG" | "DIMENSION";
  key: string;
  /** What a click on one of them groups by next. */
  deeper?: string;
  isNoFilter?: boolean;
  /** Its usage is mostly of one unit, and worth a column. */
  hasUnit?: boolean;
}

export const NONE = "none"; // in the URL: what carries no such tag

export const DIMENSIONS: Dimension[] = [
  {
    id: "domain",
    text: "Domain",
    many: "domains",
    type: "TAG",
    key: "sagemaker:domain-arn",
    deeper: "user",
  },
  {
    id: "user",
    text: "User",
    many: "users",
    type: "TAG",
    key: "sagemaker:user-profile-arn",
    deeper: "resource",
  },
  {
    id: "space",
    text: "Space",
    many: "spaces",
    type: "TAG",
    key: "sagemaker:space-arn",
    deeper: "resource",
  },
  {
    id: "resource",
    text: "Resource",
    many: "resources",
    type: "DIMENSION",
    key: "RESOURCE_ID",
    isNoFilter: true,
    hasUnit: true,
  },
  {
    id: "service",
    text: "Service",
    many: "services",
    type: "DIMENSION",
    key: "SERVICE",
    deeper: "usage-type",
  },
  {
    id: "usage-type",
    text: "Usage type",
    many: "usage types",
    type: "DIMENSION",
    key: "USAGE_TYPE",
    deeper: "resource",
    hasUnit: true,
  },
  {
    id: "instance-type",
    text: "Instance type",
    many: "instance types",
    type: "DIMENSION",
    key: "INSTANCE_TYPE",
    deeper: "resource",
    hasUnit: true,
  },
  {
    id: "region",
    text: "Region",
    many: "regions",
    type: "DIMENSION",
    key: "REGION",
    deeper: "service",
  },
];

export const FILTERS = DIMENSIONS.filter((dimension) => !dimension.isNoFilter);

export const dimensionOf = (id: string): Dimension =>
  DIMENSIONS.find((one) => one.id === id) ?? (DIMENSIONS[0] as Dimension);

/** The value of a group's key: tag groups are `key$value`, and only the first `$` parts them. */
export function groupValue(dimension: Dimension, key: string): string {
  return dimension.type === "TAG" ? key.slice(key.indexOf("$") + 1) : key;
}

/** A value for people: names where we know them, the telling part of an ARN where not. */
export function labelOf(dimension: Dimension, value: string, domains: Map<string, string>): string {
  if (dimension.type === "TAG" && value === "") return "Untagged";
  const tail = value.startsWith("arn:") ? value.split(":").slice(5).join(":") : value;
  const [, domainId = "", ...rest] = tail.split("/");
  const named = (id: string) => domains.get(id) ?? id;
  if (dimension.id === "domain") return named(domainId || tail);
  if (dimension.id === "user" || dimension.id === "space") {
    return rest.length ? `${rest.join("/")} (${named(domainId)})` : tail;
  }
  if (dimension.id === "resource" && value.startsWith("arn:")) {
    return domains.has(domainId) ? tail.replace(domainId, named(domainId)) : tail;
  }
  return /^No[A-Z]/.test(value) ? `No ${dimension.text.toLowerCase()}` : value;
}
