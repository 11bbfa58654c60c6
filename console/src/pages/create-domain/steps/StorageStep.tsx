// Step 6: how large homes may be, which file systems come to them, and why no key is asked for.
import { DescribeFileSystemsCommand } from "@aws-sdk/client-efs";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { efs } from "~/aws/services/efs";
import { usePages } from "~/aws/useCall";
import type { StepProps } from "../draft";

const SYSTEMS_MAX = 10; // API reference, CustomFileSystemConfigs

export function StorageStep({ draft, change, troubles }: StepProps) {
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField label="Encryption key">
          <StatusIndicator type="stopped">
            This server has no key service: files are as safe as the disk that they lie on. Encrypt
            the disk.
          </StatusIndicator>
        </FormField>
        <FormField
          label="Size of a space (GB)"
          description="Where nobody asks for more."
          errorText={troubles.sizeDefault}
        >
          <Input
            value={draft.sizeDefault}
            onChange={({ detail }) => change({ sizeDefault: detail.value })}
            inputMode="numeric"
          />
        </FormField>
        <FormField label="Largest size of a space (GB)" errorText={troubles.sizeMax}>
          <Input
            value={draft.sizeMax}
            onChange={({ detail }) => change({ sizeMax: detail.value })}
            inputMode="numeric"
          />
        </FormField>
        <FileSystems
          chosen={draft.fileSystems}
          onChange={(fileSystems) => change({ fileSystems })}
        />
      </SpaceBetween>
    </Container>
  );
}

function FileSystems(given: { chosen: string[]; onChange: (ids: string[]) => void }) {
  const found = usePages(efs, DescribeFileSystemsCommand, {}, "FileSystems", {
    token: "Marker",
    answered: "NextMarker",
  });
  const options = (found.data ?? [])
    .filter((one) => !one.CreationToken?.startsWith("d-")) // those are a domain's homes
    .map(({ FileSystemId: value = "", Name }) => ({
      value,
      label: Name ? `${Name} (${value})` : value,
    }));
  return (
    <FormField
      label="Custom file systems"
      description="Mounted in each app below custom-file-systems/efs, beside the home."
    >
      <Multiselect
        selectedOptions={given.chosen.map(
          (id) => options.find(({ value }) => value === id) ?? { value: id, label: id },
        )}
        options={options}
        placeholder="None"
        ariaLabel="Custom file systems"
        empty={
          found.problem
            ? `They cannot be listed: ${found.problem.message}`
            : "There is none: CreateFileSystem of EFS makes one."
        }
        statusType={found.data || found.problem ? "finished" : "loading"}
        onChange={({ detail }) =>
          given.onChange(
            detail.selectedOptions.map(({ value = "" }) => value).slice(0, SYSTEMS_MAX),
          )
        }
      />
    </FormField>
  );
}
