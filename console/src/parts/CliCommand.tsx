// The command that would do the same, to copy into a shell or a script.
import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import { Copy } from "./Copy";

interface CliCommandProps {
  command: string;
  isOpen?: boolean;
  title?: string;
}

export function CliCommand({ command, isOpen = false, title }: CliCommandProps) {
  return (
    <ExpandableSection headerText={title ?? "The same by the aws CLI"} defaultExpanded={isOpen}>
      <Box padding={{ top: "xs" }}>
        <pre className="code">{command}</pre>
        <Copy text={command} what="The command" shown="Copy " />
      </Box>
    </ExpandableSection>
  );
}
