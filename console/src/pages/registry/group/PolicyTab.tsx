// The policy of a group: who else may use it. Shown, not written: that is work for the aws CLI.
import { GetModelPackageGroupPolicyCommand } from "@aws-sdk/client-sagemaker";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { problemOf } from "~/aws/problem";
import { sagemaker } from "~/aws/services/sagemaker";
import { useGathered } from "~/aws/useCall";
import { Code } from "~/parts/Code";
import { Empty } from "~/views/Empty";
import { View } from "~/views/View";

export function PolicyTab({ group }: { group: string }) {
  const policy = useGathered(`sagemaker group policy ${group}`, (signal) => read(group, signal));
  return (
    <View
      of={policy}
      what={`the policy of ${group}`}
      isEmpty={(text) => !text}
      empty={
        <Empty title="No policy">
          Only the policies of people and roles say who may use this group.
        </Empty>
      }
    >
      {(text) => (
        <Container header={<Header variant="h2">Policy of the group</Header>}>
          <SpaceBetween size="xs">
            <Code text={text} what="The policy" />
          </SpaceBetween>
        </Container>
      )}
    </View>
  );
}

/** Laid out to be read; "" where there is none, which AWS answers as an error. */
async function read(group: string, signal: AbortSignal): Promise<string> {
  try {
    const { ResourcePolicy = "" } = await sagemaker.send(
      GetModelPackageGroupPolicyCommand,
      { ModelPackageGroupName: group },
      signal,
    );
    return JSON.stringify(JSON.parse(ResourcePolicy), null, 2);
  } catch (error) {
    if (problemOf(error).message.startsWith("Cannot find resource policy")) return "";
    throw error;
  }
}
