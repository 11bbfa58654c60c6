// A secret that is shown once: it is gone when the dialog closes.
import Alert from "@cloudscape-design/components/alert";
import CloudscapeBox from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";

interface OnceProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

export function Once({ title, onClose, children }: OnceProps) {
  return (
    <Modal
      visible
      size="large"
      header={title}
      onDismiss={({ detail }) => detail.reason !== "overlay" && onClose()}
      closeAriaLabel="Close"
      footer={
        <CloudscapeBox float="right">
          <Button variant="primary" onClick={onClose}>
            I have it
          </Button>
        </CloudscapeBox>
      }
    >
      <SpaceBetween size="m">
        <Alert type="warning">
          It is shown once and kept nowhere. Copy it before you close this.
        </Alert>
        {children}
      </SpaceBetween>
    </Modal>
  );
}
