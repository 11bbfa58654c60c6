// /console/registry/{group}: its versions, who else may use it, its tags.
import { DescribeModelPackageGroupCommand, ListTagsCommand } from "@aws-sdk/client-sagemaker";
import { useParams } from "react-router";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall, usePages } from "~/aws/useCall";
import { Page } from "~/page/Page";
import { TabsInUrl } from "~/page/TabsInUrl";
import { TagList } from "~/table/TagList";
import { View } from "~/views/View";
import { PolicyTab } from "./PolicyTab";
import { VersionsTab } from "./VersionsTab";

export default function Group() {
  const { GroupName = "" } = useParams();
  const group = useCall(sagemaker, DescribeModelPackageGroupCommand, {
    ModelPackageGroupName: GroupName,
  });
  const tags = usePages(
    sagemaker,
    ListTagsCommand,
    { ResourceArn: group.data?.ModelPackageGroupArn ?? "", MaxResults: 100 },
    "Tags",
    { skip: !group.data },
  );
  return (
    <Page
      title={GroupName}
      above={[{ text: "Model registry", to: "/registry" }]}
      description={group.data?.ModelPackageGroupDescription ?? "Model group"}
    >
      <View of={group} what={`the model group ${GroupName}`}>
        {() => (
          <TabsInUrl
            label={`Model group ${GroupName}`}
            tabs={[
              {
                id: "versions",
                label: "Versions",
                content: () => <VersionsTab group={GroupName} />,
              },
              { id: "policy", label: "Policy", content: () => <PolicyTab group={GroupName} /> },
              {
                id: "tags",
                label: "Tags",
                content: () => <TagList of={tags} what={`the tags of ${GroupName}`} />,
              },
            ]}
          />
        )}
      </View>
    </Page>
  );
}
