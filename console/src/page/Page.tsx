// The frame of a page: its way (breadcrumbs and the tab's name), its heading and actions, its content.
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import type { ReactNode } from "react";
import { type Crumb, useBreadcrumbs } from "./breadcrumbs";

interface PageProps {
  title: string;
  /** The pages above this one. */
  above?: Crumb[];
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, above = [], description, actions, children }: PageProps) {
  useBreadcrumbs([...above, { text: title }]);
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={description} actions={actions}>
          {title}
        </Header>
      }
    >
      {children}
    </ContentLayout>
  );
}
