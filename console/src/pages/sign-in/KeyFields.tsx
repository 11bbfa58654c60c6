// The fields of an access key; temporary keys bring a session token, MFA a code.
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Typed } from "./typed";

interface FieldsProps {
  typed: Typed;
  onChange: (part: Partial<Typed>) => void;
}

export function KeyFields({ typed, onChange }: FieldsProps) {
  return (
    <SpaceBetween size="m">
      <FormField label="Access key ID">
        <Input
          value={typed.accessKeyId}
          onChange={({ detail }) => onChange({ accessKeyId: detail.value })}
          name="access-key-id"
          autoComplete="username"
          spellcheck={false}
          autoFocus
        />
      </FormField>
      <FormField label="Secret access key" description="It stays in this page and is never sent.">
        <Input
          type="password"
          value={typed.secretAccessKey}
          onChange={({ detail }) => onChange({ secretAccessKey: detail.value })}
          name="secret-access-key"
          autoComplete="current-password"
        />
      </FormField>
      <ExpandableSection headerText="Session token, MFA">
        <SpaceBetween size="m">
          <FormField label="Session token" description="Of temporary keys, which begin with ASIA.">
            <Input
              value={typed.sessionToken}
              onChange={({ detail }) => onChange({ sessionToken: detail.value })}
              autoComplete={false}
              spellcheck={false}
            />
          </FormField>
          <FormField label="MFA code" description="Where a policy of yours asks for it.">
            <Input
              value={typed.mfaCode}
              onChange={({ detail }) => onChange({ mfaCode: detail.value })}
              inputMode="numeric"
              autoComplete="one-time-code"
            />
          </FormField>
        </SpaceBetween>
      </ExpandableSection>
    </SpaceBetween>
  );
}
