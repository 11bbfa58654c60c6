// CloudWatch: loaded with the first page that shows how much is stored.
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { service } from "~/aws/service";

export const cloudwatch = service("cloudwatch", (config) => new CloudWatchClient(config));
