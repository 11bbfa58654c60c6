// Cost Explorer: loaded with the first page that calls it.
import { CostExplorerClient } from "@aws-sdk/client-cost-explorer";
import { service } from "~/aws/service";

export const costs = service("ce", (config) => new CostExplorerClient(config));
