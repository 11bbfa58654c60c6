// One group of a domain's settings: shown, and edited in a dialog where the API allows it.
import { type DescribeDomainResponse, UpdateDomainCommand } from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { EditDialog } from "~/dialogs/EditDialog";
import { useDialog } from "~/page/useDialog";
import type { Section } from "./section";

interface SettingsBoxProps {
  domain: DescribeDomainResponse;
  section: Section;
}

export function SettingsBox({ domain, section }: SettingsBoxProps) {
  const dialog = useDialog();
  const { title, note, facts, fields, request } = section;
  const name = `edit-${title.toLowerCase().replaceAll(" ", "-")}`;
  const save = useAction(
    (values: Record<string, string>) =>
      sagemaker.send(UpdateDomainCommand, {
        DomainId: domain.DomainId,
        ...request?.(values, domain),
      }),
    { done: () => `${title} of ${domain.DomainName}: changed.`, renews: "sagemaker" },
  );
  const edit = (
    <Button ariaLabel={`Edit: ${title}`} onClick={() => dialog.open(name)}>
      Edit
    </Button>
  );
  return (
    <Container
      header={
        <Header variant="h2" description={note} actions={request && edit}>
          {title}
        </Header>
      }
    >
      <KeyValuePairs columns={3} minColumnWidth={220} items={facts(domain)} />
      {dialog.is === name && fields && (
        <EditDialog title={title} fields={fields(domain)} action={save} onClose={dialog.close} />
      )}
    </Container>
  );
}
