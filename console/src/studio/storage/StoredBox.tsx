// What one person or space stores.
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { InnerLink } from "~/parts/InnerLink";
import { View } from "~/views/View";
import type { Owner } from "../OwnerLink";
import { Usage } from "./Usage";
import { useStored } from "./useStored";

export function StoredBox({ owner }: { owner: Owner }) {
  const member = owner.kind === "space" ? "SpaceName" : "UserProfileName";
  const stored = useStored(owner.domainId, [{ Name: member, Value: owner.name }]);
  return (
    <Container
      header={
        <Header variant="h2" description="As it was counted last, within a quarter of an hour.">
          Storage
        </Header>
      }
    >
      <View
        of={stored}
        what={`what ${owner.name} stores`}
        isEmpty={(all) => all.length === 0}
        empty={<Box color="text-body-secondary">Nothing is stored, or it is not counted yet.</Box>}
      >
        {(all) =>
          all.map((one) => <Usage key={member} of={one} label={`Storage of ${owner.name}`} />)
        }
      </View>
      <Box padding={{ top: "s" }}>
        <InnerLink to={`/domains/${owner.domainId}?tab=files`}>All files of the domain</InnerLink>
      </Box>
    </Container>
  );
}
