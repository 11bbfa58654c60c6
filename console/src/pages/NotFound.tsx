// No such page.

import { Page } from "~/page/Page";
import { InnerButton } from "~/parts/InnerButton";
import { Empty } from "~/views/Empty";

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
