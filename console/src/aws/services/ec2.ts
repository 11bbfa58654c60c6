// EC2's networking: loaded with the first page that calls it.
import { EC2Client } from "@aws-sdk/client-ec2";
import { service } from "~/aws/service";

export const ec2 = service("ec2", (config) => new EC2Client(config));
