// The fields of an IAM user's login profile, and what the server asks for besides.
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Typed } from "./typed";

interface FieldsProps {
  typed: Typed;
  onChange: (part: Partial<Typed>) => void;
  /** The server's last code: `MfaRequired` or `PasswordResetRequired` show a field more. */
  asked: string;
}

export function PasswordFields({ typed, onChange, asked }: FieldsProps) {
  const needsCode = asked === "MfaRequired" || typed.mfaCode !== "";
  const needsNew = asked === "PasswordResetRequired" || typed.newPassword !== "";
  return (
    <SpaceBetween size="m">
      <FormField label="User name">
        <Input
          value={typed.userName}
          onChange={({ detail }) => onChange({ userName: detail.value })}
          name="user-name"
          autoComplete="username"
          spellcheck={false}
          autoFocus
        />
      </FormField>
      <FormField label="Password">
        <Input
          type="password"
          value={typed.password}
          onChange={({ detail }) => onChange({ password: detail.value })}
          name="password"
          autoComplete="current-password"
        />
      </FormField>
      {needsCode && (
        <FormField label="MFA code">
          <Input
            value={typed.mfaCode}
            onChange={({ detail }) => onChange({ mfaCode: detail.value })}
            inputMode="numeric"
            autoComplete="one-time-code"
            autoFocus
          />
        </FormField>
      )}
      {needsNew && (
        <FormField
          label="New password"
          constraintText="At least 8 characters, or what your administrator asks for."
        >
          <Input
            type="password"
            value={typed.newPassword}
            onChange={({ detail }) => onChange({ newPassword: detail.value })}
            autoComplete="new-password"
            autoFocus
          />
        </FormField>
      )}
      {needsNew && (
        <FormField label="The same again">
          <Input
            type="password"
            value={typed.newAgain}
            onChange={({ detail }) => onChange({ newAgain: detail.value })}
            autoComplete="new-password"
          />
        </FormField>
      )}
      <ExpandableSection headerText="Account ID">
        <FormField label="Account ID" description="Leave it empty for the account of this server.">
          <Input
            value={typed.accountId}
            onChange={({ detail }) => onChange({ accountId: detail.value })}
            inputMode="numeric"
            autoComplete={false}
          />
        </FormField>
      </ExpandableSection>
    </SpaceBetween>
  );
}
