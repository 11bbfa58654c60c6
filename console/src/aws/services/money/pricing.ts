// The Price List: loaded with the first page that shows a rate.
import { PricingClient } from "@aws-sdk/client-pricing";
import { service } from "~/aws/service";

export const pricing = service("pricing", (config) => new PricingClient(config));
