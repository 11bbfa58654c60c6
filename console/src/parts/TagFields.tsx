// Tags to be typed: keys and values, fifty at most.
import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Input from "@cloudscape-design/components/input";

interface Tag {
  key: string;
  value: string;
}

const TAGS_MAX = 50; // API reference, TagList

export function TagFields({ tags, onChange }: { tags: Tag[]; onChange: (tags: Tag[]) => void }) {
  const put = (at: number, part: Partial<Tag>) =>
    onChange(tags.map((tag, index) => (index === at ? { ...tag, ...part } : tag)));
  return (
    <AttributeEditor<Tag>
      items={tags}
      addButtonText="Add tag"
      disableAddButton={tags.length >= TAGS_MAX}
      removeButtonText="Remove"
      removeButtonAriaLabel={(tag) => `Remove tag ${tag.key}`}
      empty="No tags."
      onAddButtonClick={() => onChange([...tags, { key: "", value: "" }])}
      onRemoveButtonClick={({ detail }) =>
        onChange(tags.filter((_, index) => index !== detail.itemIndex))
      }
      definition={[
        {
          label: "Key",
          control: (tag, at) => (
            <Input value={tag.key} onChange={({ detail }) => put(at, { key: detail.value })} />
          ),
        },
        {
          label: "Value",
          control: (tag, at) => (
            <Input value={tag.value} onChange={({ detail }) => put(at, { value: detail.value })} />
          ),
        },
      ]}
    />
  );
}
