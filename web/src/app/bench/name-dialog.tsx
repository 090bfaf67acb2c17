import { useState } from "react";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { Field } from "@/shared/ui/field";

interface Props {
  title: string;
  button: string;
  first: string;
  taken: readonly string[];
  onClose: () => void;
  onName: (name: string) => Promise<void>;
}

/** Asks for the name of a layout. */
export default function NameDialog({ title, button, first, taken, onClose, onName }: Props) {
  const [name, setName] = useState(first);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={async (event) => {
          event.preventDefault();
          const wanted = name.trim();
          if (wanted === "") return setError("A layout needs a name.");
          if (wanted !== first && taken.includes(wanted)) return setError(`There is a layout ${wanted} already.`);
          setBusy(true);
          try {
            await onName(wanted);
            onClose();
          } catch (problem) {
            setError(problem instanceof Error ? problem.message : String(problem));
            setBusy(false);
          }
        }}
      >
        <Field
          label="Name"
          value={name}
          maxLength={80}
          error={error}
          autoFocus
          onChange={(event) => {
            setName(event.target.value);
            setError(undefined);
          }}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            {button}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
