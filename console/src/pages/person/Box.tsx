// A box of the page: its heading, its buttons, and a note where there is nothing.
import CloudscapeBox from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import type { ReactNode } from "react";

interface BoxProps {
  title: string;
  description?: string;
  actions?: ReactNode;
  children: ReactNode;
}

export function Box({ title, description, actions, children }: BoxProps) {
  return (
    <Container
      header={
        <Header variant="h2" description={description} actions={actions}>
          {title}
        </Header>
      }
    >
      {children}
    </Container>
  );
}

export function Note({ children }: { children: ReactNode }) {
  return <CloudscapeBox color="text-body-secondary">{children}</CloudscapeBox>;
}
