// The command that would do the same, to copy into a shell or a script.
import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import { Code } from "./Code";

interface CliCommandProps {
  command: string;
  isOpen?: boolean;
  title?: string;
}

export function CliCommand({ command, isOpen = false, title }: CliCommandProps) {
  return (
    <ExpandableSection headerText={title ?? "The same by the aws CLI"} defaultExpanded={isOpen}>
      <Box padding={{ top: "xs" }}>
        <Code text={command} what="The command" />
      </Box>
    </ExpandableSection>
  );
}
