// Of a row on the screen: whether its apps reach the internet, or only their VPC.
import { DescribeDomainCommand } from "@aws-sdk/client-sagemaker";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";

export const NETWORKS: Record<string, string> = {
  PublicInternetOnly: "Internet",
  VpcOnly: "VPC only",
};

export function NetworkCell({ domainId }: { domainId: string }) {
  const domain = useCall(sagemaker, DescribeDomainCommand, { DomainId: domainId });
  if (domain.problem) return <span title={domain.problem.message}>No access</span>;
  if (!domain.data) return <>...</>;
  const type = domain.data.AppNetworkAccessType ?? "PublicInternetOnly";
  return <>{NETWORKS[type] ?? type}</>;
}
