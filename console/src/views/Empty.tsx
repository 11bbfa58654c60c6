// The second of the four views: there is nothing yet; what it would be for, and the first step.
import Box from "@cloudscape-design/components/box";
import type { ReactNode } from "react";

interface EmptyProps {
  title: string;
  children?: ReactNode;
  /** A button that makes the first one. */
  action?: ReactNode;
}

export function Empty({ title, children, action }: EmptyProps) {
  return (
    <Box textAlign="center" padding="l" color="inherit">
      <Box variant="strong" color="inherit">
        {title}
      </Box>
      {children && (
        <Box variant="p" color="text-body-secondary" padding={{ bottom: "s" }}>
          {children}
        </Box>
      )}
      {action}
    </Box>
  );
}
