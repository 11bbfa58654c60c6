// /console/domains/{DomainId}/spaces/{SpaceName}: one space: open, watch and stop what runs, its
// role and where it comes from, its volume, cost, tags.
import {
  DeleteSpaceCommand,
  DescribeDomainCommand,
  DescribeSpaceCommand,
  DescribeUserProfileCommand,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { SOON_MS } from "~/aws/polling";
import { sagemaker } from "~/aws/services/sagemaker";
import { useAction } from "~/aws/useAction";
import { useCall } from "~/aws/useCall";
import { TypedDelete } from "~/dialogs/TypedDelete";
import { Page } from "~/page/Page";
import { isPassing } from "~/parts/Status";
import { AppPanel } from "~/studio/AppPanel";
import { InForce } from "~/studio/InForce";
import { layersOfSpace, layersOfUser } from "~/studio/layers";
import type { Owner } from "~/studio/OwnerLink";
import { SpentBox } from "~/studio/SpentBox";
import { StoredBox } from "~/studio/storage/StoredBox";
import { TagsBox } from "~/studio/TagsBox";
import { useOpener } from "~/studio/useOpener";
import { View } from "~/views/View";
import { SpaceFacts } from "./SpaceFacts";

export default function Space() {
  const { DomainId = "", SpaceName = "" } = useParams();
  const [isAsking, setAsking] = useState(false);
  const navigate = useNavigate();
  const space = useCall(
    sagemaker,
    DescribeSpaceCommand,
    { DomainId, SpaceName },
    { every: (data) => (isPassing(data.Status) ? SOON_MS : null) },
  );
  const domain = useCall(sagemaker, DescribeDomainCommand, { DomainId });
  const ownerName = space.data?.OwnershipSettings?.OwnerUserProfileName ?? "";
  const person = useCall(
    sagemaker,
    DescribeUserProfileCommand,
    { DomainId, UserProfileName: ownerName },
    { skip: !ownerName },
  );
  const opener = useOpener(DomainId, ownerName);
  const spaces = `/domains/${DomainId}?tab=spaces`;
  const remove = useAction(
    async () => {
      await sagemaker.send(DeleteSpaceCommand, { DomainId, SpaceName });
      navigate(spaces);
    },
    { done: () => `Space ${SpaceName} is being deleted.` },
  );
  const owner: Owner = { kind: "space", name: SpaceName, domainId: DomainId };
  return (
    <Page
      title={space.data?.SpaceDisplayName ?? SpaceName}
      above={[
        { text: "Domains", to: "/domains" },
        { text: domain.data?.DomainName ?? DomainId, to: `/domains/${DomainId}` },
        { text: "Spaces", to: spaces },
      ]}
      description="Space"
      actions={
        <Button disabled={!space.data} onClick={() => setAsking(true)}>
          Delete
        </Button>
      }
    >
      <View of={space} what={`the space ${SpaceName}`}>
        {(data) => (
          <SpaceBetween size="l">
            <View of={domain} what={`the domain ${DomainId}`}>
              {(whole) => {
                const layers = layersOfSpace(whole, data, person.data);
                return (
                  <SpaceBetween size="l">
                    <AppPanel
                      owner={owner}
                      userProfileName={opener}
                      layers={layers}
                      seenBy={layersOfUser(whole, person.data)}
                    />
                    <InForce layers={layers} />
                  </SpaceBetween>
                );
              }}
            </View>
            <SpaceFacts space={data} />
            <SpentBox owner={owner} arn={data.SpaceArn ?? ""} />
            <StoredBox owner={owner} />
            <TagsBox arn={data.SpaceArn ?? ""} what={SpaceName} />
          </SpaceBetween>
        )}
      </View>
      {isAsking && (
        <TypedDelete
          title={`Delete ${SpaceName}?`}
          word={SpaceName}
          action={remove}
          onClose={() => setAsking(false)}
        >
          The space goes for good, with its volume and all files in it. Its app must be stopped
          before.
        </TypedDelete>
      )}
    </Page>
  );
}
