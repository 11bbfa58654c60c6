// What one group of a domain's settings is: what it shows, what it asks for, the request it becomes.
import type { DescribeDomainResponse, UpdateDomainRequest } from "@aws-sdk/client-sagemaker";
import type { ReactNode } from "react";
import type { Field } from "~/dialogs/EditDialog";

export interface Section {
  title: string;
  note?: string;
  facts: (domain: DescribeDomainResponse) => Array<{ label: string; value: ReactNode }>;
  fields?: (domain: DescribeDomainResponse) => Field[];
  request?: (
    values: Record<string, string>,
    domain: DescribeDomainResponse,
  ) => Partial<UpdateDomainRequest>;
}
