// The text of a lifecycle configuration, to be read and copied.
import { DescribeStudioLifecycleConfigCommand } from "@aws-sdk/client-sagemaker";
import Modal from "@cloudscape-design/components/modal";
import { sagemaker } from "~/aws/services/sagemaker";
import { useCall } from "~/aws/useCall";
import { Code } from "~/parts/Code";
import { View } from "~/views/View";

export function ScriptText({ name, onClose }: { name: string; onClose: () => void }) {
  const script = useCall(sagemaker, DescribeStudioLifecycleConfigCommand, {
    StudioLifecycleConfigName: name,
  });
  return (
    <Modal visible header={name} size="large" closeAriaLabel="Close" onDismiss={onClose}>
      <View of={script} what={`the configuration ${name}`}>
        {({ StudioLifecycleConfigContent: content = "" }) => (
          <Code text={decoded(content)} what="The script" />
        )}
      </View>
    </Modal>
  );
}

function decoded(content: string): string {
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
