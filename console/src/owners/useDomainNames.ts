// Names of domains by their ids, for columns; ids are shown where they may not be listed.
import { ListDomainsCommand } from "@aws-sdk/client-sagemaker";
import { useMemo } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { usePages } from "~/aws/useCall";

export function useDomainNames(): Map<string, string> {
  const { data } = usePages(sagemaker, ListDomainsCommand, { MaxResults: 100 }, "Domains");
  return useMemo(
    () => new Map((data ?? []).map((one) => [one.DomainId ?? "", one.DomainName ?? ""])),
    [data],
  );
}
