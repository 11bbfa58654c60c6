// Condition keys of a simulation: those that the policies ask for are offered; each with type and value.
import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { CONTEXT_TYPES, type ContextType, type Entry, typeOf } from "./simulate";

interface ContextFieldsProps {
  entries: Entry[];
  /** What the policies ask for. */
  keys: string[];
  onChange: (entries: Entry[]) => void;
}

const TYPES = CONTEXT_TYPES.map((value) => ({ value, label: value }));

export function ContextFields({ entries, keys, onChange }: ContextFieldsProps) {
  const put = (at: number, part: Partial<Entry>) =>
    onChange(entries.map((entry, index) => (index === at ? { ...entry, ...part } : entry)));
  const given = new Set(entries.map((entry) => entry.name.toLowerCase()));
  const offered = keys
    .filter((key) => !given.has(key.toLowerCase()))
    .map((value) => ({ value, label: value }));
  return (
    <AttributeEditor<Entry>
      items={entries}
      addButtonText="Add condition key"
      removeButtonText="Remove"
      removeButtonAriaLabel={(entry) => `Remove condition key ${entry.name}`}
      empty={
        keys.length
          ? `The policies ask for: ${keys.join(", ")}.`
          : "The policies ask for no condition key."
      }
      onAddButtonClick={() => {
        const name = offered[0]?.value ?? "";
        onChange([...entries, { name, type: typeOf(name), value: "" }]);
      }}
      onRemoveButtonClick={({ detail }) =>
        onChange(entries.filter((_, index) => index !== detail.itemIndex))
      }
      definition={[
        {
          label: "Key",
          control: (entry, at) => (
            <Autosuggest
              value={entry.name}
              options={offered}
              enteredTextLabel={(text) => `Use ${text}`}
              ariaLabel="Key"
              onChange={({ detail }) => put(at, { name: detail.value, type: typeOf(detail.value) })}
            />
          ),
        },
        {
          label: "Type",
          control: (entry, at) => (
            <Select
              options={TYPES}
              selectedOption={TYPES.find((one) => one.value === entry.type) ?? null}
              ariaLabel="Type"
              onChange={({ detail }) =>
                put(at, { type: detail.selectedOption.value as ContextType })
              }
            />
          ),
        },
        {
          label: "Value",
          control: (entry, at) => (
            <Input
              value={entry.value}
              ariaLabel="Value"
              onChange={({ detail }) => put(at, { value: detail.value })}
            />
          ),
        },
      ]}
    />
  );
}
