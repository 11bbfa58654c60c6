// Kept views: a name for what the address says now, and the way back to it. They stay in this browser.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { ActionDialog } from "~/dialogs/ActionDialog";
import { useAnnounce } from "~/page/announcer";
import { useDialog, withoutDialog } from "~/page/useDialog";
import {
  dropReport,
  keepReport,
  keptReports,
  type Report,
  reportTrouble,
} from "~/pages/costs/ask/reports";
import { InnerLink } from "~/parts/InnerLink";

export function Reports({ query }: { query: string }) {
  const dialog = useDialog(); // a report that is followed closes it
  return (
    <>
      <Button onClick={() => dialog.open("reports")}>Saved reports</Button>
      {dialog.is === "reports" && <Dialog query={withoutDialog(query)} onClose={dialog.close} />}
    </>
  );
}

interface DialogProps {
  query: string;
  onClose: () => void;
}

function Dialog({ query, onClose }: DialogProps) {
  const [kept, setKept] = useState(keptReports);
  const [name, setName] = useState("");
  const [trouble, setTrouble] = useState("");
  const announce = useAnnounce();
  const save = () => {
    const found = reportTrouble(name.trim(), kept);
    const saved = found ? null : keepReport({ name: name.trim(), query });
    setTrouble(found || (saved ? "" : "This browser keeps nothing: copy the address instead."));
    if (!saved) return;
    setKept(saved);
    announce(`Report ${name.trim()} was saved.`);
    setName("");
  };
  const drop = (one: Report) => {
    setKept(dropReport(one.name) ?? kept);
    announce(`Report ${one.name} was deleted.`);
  };
  return (
    <ActionDialog title="Saved reports" verb="Save" onGo={save} onClose={onClose}>
      <FormField
        label="Save what is shown as"
        description="Range, grouping and filters are kept under this name in this browser; a name that is taken is replaced. To share a report, send its address."
        errorText={trouble}
      >
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      {kept.length === 0 ? (
        <Box color="text-body-secondary">No report is saved yet.</Box>
      ) : (
        <ul className="plain" aria-label="Saved reports">
          {kept.map((one) => (
            <li key={one.name} className="bar">
              <InnerLink to={`/costs?${one.query}`}>{one.name}</InnerLink>
              <Button
                variant="inline-link"
                formAction="none"
                ariaLabel={`Delete ${one.name}`}
                onClick={() => drop(one)}
              >
                Delete
              </Button>
            </li>
          ))}
        </ul>
      )}
    </ActionDialog>
  );
}
