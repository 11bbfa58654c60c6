// At which domain an IAM user is at home: then the isolation check looks for ways out of it.
import type { Tag } from "@aws-sdk/client-iam";
import { domainArn } from "~/format/arn";
import { DOMAIN_TAG } from "~/studio/OwnerLink";
import type { Holder } from "./policies";

export const homeOf = ({ region, accountId, domainId }: Holder): Tag[] => [
  { Key: DOMAIN_TAG, Value: domainArn(region, accountId, domainId) },
];
