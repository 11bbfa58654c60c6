// The models of the account.
import { ListModelsCommand, type ModelSummary } from "@aws-sdk/client-sagemaker";
import { useMemo } from "react";
import { sagemaker } from "~/aws/services/sagemaker";
import { usePages } from "~/aws/useCall";
import { ownerColumns } from "~/owners/OwnerCells";
import { useTags } from "~/owners/owners";
import { useDomainNames } from "~/owners/useDomainNames";
import { InnerLink } from "~/parts/InnerLink";
import { type Column, DataTable } from "~/table/DataTable";
import { timeColumn } from "~/table/timeColumn";
import { Empty } from "~/views/Empty";
import { modelPath } from "./paths";

export function ModelsTab() {
  const models = usePages(sagemaker, ListModelsCommand, { MaxResults: 100 }, "Models");
  const tags = useTags(["sagemaker:model"]);
  const names = useDomainNames();
  const columns = useMemo(() => {
    const arnOf = (model: ModelSummary) => model.ModelArn ?? "";
    return [...NAMED, ...ownerColumns(arnOf, { tags, names }), ...TIMES];
  }, [tags, names]);
  return (
    <DataTable<ModelSummary>
      id="models"
      title="Models"
      nouns={["model", "models"]}
      of={models}
      rowId={(model) => model.ModelName ?? ""}
      columns={columns}
      empty={
        <Empty title="No models yet">
          A model is made by <code>aws sagemaker create-model</code> from an image and its data.
        </Empty>
      }
    />
  );
}

const NAMED: Column<ModelSummary>[] = [
  {
    id: "name",
    header: "Name",
    isRowHeader: true,
    minWidth: 220,
    value: (model) => model.ModelName,
    cell: (model) => <InnerLink to={modelPath(model.ModelName ?? "")}>{model.ModelName}</InnerLink>,
  },
];
const TIMES: Column<ModelSummary>[] = [
  timeColumn("created", "Created", (model) => model.CreationTime),
];
