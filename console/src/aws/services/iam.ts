// IAM: loaded with the first page that calls it.
import { IAMClient } from "@aws-sdk/client-iam";
import { service } from "~/aws/service";

export const iam = service("iam", (config) => new IAMClient(config));
