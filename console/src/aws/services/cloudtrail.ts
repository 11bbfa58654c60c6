// CloudTrail: loaded with the first page that calls it.
import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { service } from "~/aws/service";

export const cloudtrail = service("cloudtrail", (config) => new CloudTrailClient(config));
