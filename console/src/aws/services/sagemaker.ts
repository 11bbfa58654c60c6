// SageMaker: loaded with the first page that calls it.
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { service } from "~/aws/service";

export const sagemaker = service("sagemaker", (config) => new SageMakerClient(config));
