// A dialog with a few fields that are saved together; a refusal stands in it, in AWS's own words.
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { type ReactNode, useState } from "react";
import type { Action } from "~/aws/useAction";
import { ActionDialog } from "./ActionDialog";

export interface Field {
  id: string;
  label: string;
  value: string;
  hint?: ReactNode;
  isNumber?: boolean;
  /** To choose from; else it is typed. */
  options?: Array<{ value: string; label: string; description?: string }>;
  /** Another control, such as a role's. */
  control?: (value: string, change: (value: string) => void) => ReactNode;
  /** Why the value is not one; "" if it is. */
  trouble?: (value: string, values: Record<string, string>) => string;
  /** Shown only where this holds. */
  when?: (values: Record<string, string>) => boolean;
}

interface EditDialogProps {
  title: string;
  fields: Field[];
  action: Action<[Record<string, string>]>;
  onClose: () => void;
  verb?: string;
  children?: ReactNode;
}

export function EditDialog(given: EditDialogProps) {
  const { title, fields, action, onClose, verb = "Save", children } = given;
  const [values, setValues] = useState(() =>
    Object.fromEntries(fields.map(({ id, value }) => [id, value])),
  );
  const [isTried, setTried] = useState(false);
  const shown = fields.filter((field) => field.when?.(values) ?? true);
  const troubles = shown.map((field) => troubleOf(field, values));

  async function go(): Promise<void> {
    setTried(true);
    if (troubles.every((one) => !one) && (await action.run(values))) onClose();
  }

  return (
    <ActionDialog title={title} verb={verb} action={action} onGo={go} onClose={onClose}>
      {children}
      {shown.map((field, at) => (
        <FormField
          key={field.id}
          label={field.label}
          constraintText={field.hint}
          errorText={isTried ? troubles[at] : ""}
        >
          <Control
            field={field}
            value={values[field.id] ?? ""}
            onChange={(value) => setValues((all) => ({ ...all, [field.id]: value }))}
          />
        </FormField>
      ))}
    </ActionDialog>
  );
}

function troubleOf(field: Field, values: Record<string, string>): string {
  const value = values[field.id] ?? "";
  if (field.isNumber && value && !/^\d+$/.test(value)) return "Enter a whole number.";
  return field.trouble?.(value, values) ?? "";
}

interface ControlProps {
  field: Field;
  value: string;
  onChange: (value: string) => void;
}

function Control({ field, value, onChange }: ControlProps) {
  if (field.control) return field.control(value, onChange);
  if (field.options) {
    const chosen = field.options.find((one) => one.value === value);
    return (
      <Select
        selectedOption={chosen ?? null}
        options={field.options}
        ariaLabel={field.label}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
      />
    );
  }
  return (
    <Input
      value={value}
      onChange={({ detail }) => onChange(detail.value)}
      inputMode={field.isNumber ? "numeric" : "text"}
      spellcheck={false}
      autoComplete={false}
    />
  );
}
