// CloudWatch Logs: loaded with the first page that calls it.
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { service } from "~/aws/service";

export const logs = service("logs", (config) => new CloudWatchLogsClient(config));
