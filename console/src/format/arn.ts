// What an ARN names, for columns that have room for a name only.

/** The part behind the last slash. */
export const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);

/** `arn:aws:sagemaker:region:account:domain/d-1` */
export function domainArn(region: string, accountId: string, domainId: string): string {
  return `arn:aws:sagemaker:${region}:${accountId}:domain/${domainId}`;
}
