// Who somebody is, in a word or two.

/** A person's short name: of a user, a role's session, or the account's root. */
export function shortName(arn: string): string {
  const tail = arn.split(":").slice(5).join(":");
  return tail === "root"
    ? "root"
    : tail
        .split("/")
        .slice(tail.startsWith("assumed-role") ? -2 : -1)
        .join("/");
}
