// Resource Groups Tagging: loaded with the first page that calls it.
import { ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api";
import { service } from "~/aws/service";

export const tagging = service("tag", (config) => new ResourceGroupsTaggingAPIClient(config));
