// The last step of a wizard: all that was chosen, step by step, and a way back to each.
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";

export interface ReviewPart {
  title: string;
  items: Array<[label: string, value: string]>;
}

const COLUMNS_MAX = 4;

/** `parts`: one a step, in the order of the steps. */
export function ReviewParts(given: { parts: ReviewPart[]; onEdit: (step: number) => void }) {
  const boxes = given.parts.map(({ title, items }, step) => (
    <Container
      key={title}
      header={
        <Header
          variant="h2"
          actions={
            <Button ariaLabel={`Edit: ${title}`} onClick={() => given.onEdit(step)}>
              Edit
            </Button>
          }
        >
          {title}
        </Header>
      }
    >
      <KeyValuePairs
        columns={Math.min(items.length, COLUMNS_MAX)}
        items={items.map(([label, value]) => ({
          label,
          value: <span className="break">{value}</span>,
        }))}
      />
    </Container>
  ));
  return <SpaceBetween size="l">{boxes}</SpaceBetween>;
}
