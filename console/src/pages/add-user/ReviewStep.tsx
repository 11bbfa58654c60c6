// Step 3: all that was chosen, a way back to each, and the command that does the same.
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { cliCommand } from "~/format/cli";
import { CliCommand } from "~/parts/CliCommand";
import { requestOf } from "./draft";
import type { StepProps } from "./GeneralStep";

const IDLE = { "": "As the domain says", ENABLED: "On", DISABLED: "Off" };

export function ReviewStep({
  draft,
  domain,
  onEdit,
}: StepProps & { onEdit: (to: number) => void }) {
  const own = domain.DefaultUserSettings?.ExecutionRole ?? "none";
  const parts = [
    {
      title: "General",
      items: [
        ["User profile name", draft.name],
        ["Execution role", draft.role || `The domain's: ${own}`],
        ["Tags", draft.tags.map(({ key, value }) => `${key}=${value}`).join(", ") || "None"],
      ],
    },
    {
      title: "Settings",
      items: [
        ["Instance type", draft.instance || "As the domain says"],
        [
          "Idle shutdown",
          draft.idle === "ENABLED" ? `After ${draft.minutes} minutes` : IDLE[draft.idle],
        ],
        [
          "Size of a space",
          draft.size ? `${draft.size} GB, at most ${draft.max} GB` : "As the domain says",
        ],
      ],
    },
  ];
  return (
    <SpaceBetween size="l">
      {parts.map(({ title, items }, at) => (
        <Container
          key={title}
          header={
            <Header
              variant="h2"
              actions={
                <Button ariaLabel={`Edit: ${title}`} onClick={() => onEdit(at)}>
                  Edit
                </Button>
              }
            >
              {title}
            </Header>
          }
        >
          <KeyValuePairs
            columns={3}
            items={items.map(([label, value]) => ({
              label: label ?? "",
              value: <span className="break">{value}</span>,
            }))}
          />
        </Container>
      ))}
      <CliCommand
        command={cliCommand(
          "sagemaker",
          "CreateUserProfile",
          requestOf(domain.DomainId ?? "", draft),
        )}
        isOpen
      />
    </SpaceBetween>
  );
}
