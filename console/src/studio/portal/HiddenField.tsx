// Chooses what people see: on is seen, off is hidden. What others hid and this console does not have
// stays hidden.
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";

interface HiddenFieldProps {
  known: Array<{ value: string; label: string }>;
  hidden: string[];
  onChange: (hidden: string[]) => void;
}

export function HiddenField({ known, hidden, onChange }: HiddenFieldProps) {
  return (
    <SpaceBetween size="xs">
      {known.map(({ value, label }) => (
        <Toggle
          key={value}
          checked={!hidden.includes(value)}
          onChange={({ detail }) =>
            onChange(detail.checked ? hidden.filter((name) => name !== value) : [...hidden, value])
          }
        >
          {label}
        </Toggle>
      ))}
    </SpaceBetween>
  );
}
