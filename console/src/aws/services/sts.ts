// STS: loaded with the first page that calls it.
import { STSClient } from "@aws-sdk/client-sts";
import { service } from "~/aws/service";

export const sts = service("sts", (config) => new STSClient(config));
