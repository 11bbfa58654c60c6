// Systems Manager, for its service settings: loaded with the page of the account's settings.
import { SSMClient } from "@aws-sdk/client-ssm";
import { service } from "~/aws/service";

export const ssm = service("ssm", (config) => new SSMClient(config));
