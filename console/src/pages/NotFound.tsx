// No such page.
import { Empty } from "~/parts/Empty";
import { InnerButton } from "~/parts/InnerButton";
import { Page } from "~/parts/Page";

export default function NotFound() {
  return (
    <Page title="There is no such page">
      <Empty
        title="This address leads nowhere"
        action={<InnerButton to="/">To the start</InnerButton>}
      >
        The link may be of another release, or have lost a letter.
      </Empty>
    </Page>
  );
}
