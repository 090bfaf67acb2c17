import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { sentence } from "@/shared/api/problem";
import { ago } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { Failure } from "@/shared/ui/failure";
import { Field } from "@/shared/ui/field";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { figuresQuery } from "./queries";

interface NameProps {
  given: string;
  onName: (name: string) => Promise<void>;
  onClose: () => void;
}

export function NameDialog({ given, onName, onClose }: NameProps) {
  const [name, setName] = useState(given);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  async function submit(event: FormEvent) {
    event.preventDefault();
    if (name.trim() === "") return setError("It needs a name.");
    setBusy(true);
    try {
      await onName(name.trim());
    } catch (failure) {
      setError(sentence(failure));
      setBusy(false);
    }
  }
  return (
    <Dialog title="Save the figure" onClose={onClose}>
      <form noValidate className="space-y-4" onSubmit={(event) => void submit(event)}>
        <Field
          label="Name"
          value={name}
          maxLength={80}
          error={error}
          hint="Every member of the project can open it."
          onChange={(event) => setName(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={busy}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface OpenProps {
  project: string;
  kind?: "plot" | "map";
  onOpen: (id: string) => void;
  onClose: () => void;
}

export function OpenDialog({ kind: wanted = "plot", ...props }: OpenProps) {
  const figures = useQuery(figuresQuery(props.project));
  const found = figures.data?.filter(({ kind }) => kind === wanted) ?? [];
  return (
    <Dialog title="Open a figure" onClose={props.onClose}>
      <div className="max-h-96 overflow-auto">
        {figures.isPending && <SkeletonRows rows={4} />}
        {figures.isError && <Failure error={figures.error} retry={() => void figures.refetch()} />}
        {figures.data && found.length === 0 && <p className="text-muted">No {wanted} was saved in this project yet.</p>}
        <ul>
          {found.map(({ id, name, updated_at }) => (
            <li key={id}>
              <button
                type="button"
                className="flex min-h-10 w-full items-center justify-between gap-3 rounded-md px-2.5 text-left text-sm hover:bg-hover"
                onClick={() => props.onOpen(id)}
              >
                <span className="min-w-0 truncate font-medium">{name}</span>
                <span className="shrink-0 text-muted">{ago(updated_at)}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
      <div className="mt-4 flex justify-end">
        <Button onClick={props.onClose}>Cancel</Button>
      </div>
    </Dialog>
  );
}

interface ConflictProps {
  name: string;
  onTheirs: () => void;
  onMine: () => void;
  onBoth: () => void;
  onClose: () => void;
}

/** Somebody else saved it meanwhile: nothing is lost without being asked. */
export function ConflictDialog({ name, onTheirs, onMine, onBoth, onClose }: ConflictProps) {
  return (
    <Dialog title={`${name} was changed meanwhile`} onClose={onClose}>
      <p className="mb-4 text-sm">
        Somebody saved it after you opened it. Keep both by saving yours under another name, or choose one of them.
      </p>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onTheirs}>Take theirs</Button>
        <Button onClick={onMine}>Save mine over it</Button>
        <Button look="primary" onClick={onBoth}>
          Save mine as…
        </Button>
      </div>
    </Dialog>
  );
}
