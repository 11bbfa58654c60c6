// Access Analyzer: loaded with the first page that calls it.
import { AccessAnalyzerClient } from "@aws-sdk/client-accessanalyzer";
import { service } from "~/aws/service";

export const accessanalyzer = service(
  "access-analyzer",
  (config) => new AccessAnalyzerClient(config),
);
