// Who is told of an alert or an action: e-mail addresses, and whether mail goes out at all.
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { NO_MAIL, sendsMail } from "./mail";

interface PeopleFieldProps {
  people: string;
  change: (people: string) => void;
  trouble: string;
}

export function PeopleField({ people, change, trouble }: PeopleFieldProps) {
  return (
    <FormField
      label="Who is told"
      description="E-mail addresses, with commas between them."
      constraintText={sendsMail() ? "" : NO_MAIL}
      errorText={trouble}
    >
      <Input
        value={people}
        onChange={({ detail }) => change(detail.value)}
        placeholder="ana@example.com, bo@example.com"
        spellcheck={false}
      />
    </FormField>
  );
}
