// EFS: loaded with the first page that calls it.
import { EFSClient } from "@aws-sdk/client-efs";
import { service } from "~/aws/service";

export const efs = service("elasticfilesystem", (config) => new EFSClient(config));
