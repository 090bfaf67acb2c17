import { useQueryClient } from "@tanstack/react-query";
import type { ProjectView } from "@/shared/api/types";
import { Field } from "@/shared/ui/field";
import { FormDialog } from "@/shared/ui/form-dialog";
import { createNotebook, deleteNotebook, fileName, type Notebook, renameNotebook } from "../queries";

interface NewProps {
  project: ProjectView;
  onDone: (notebook: Notebook) => void;
  onClose: () => void;
}

export function NewDialog({ project, onDone, onClose }: NewProps) {
  return (
    <FormDialog
      title="New notebook"
      submit="Create"
      onClose={onClose}
      send={async (data) => {
        const title = String(data.get("title")).trim();
        onDone(await createNotebook({ project: project.name, name: fileName(title), title }));
      }}
    >
      {(errorAt) => (
        <Field
          label="Title"
          name="title"
          required
          autoFocus
          maxLength={100}
          error={errorAt("/title") ?? errorAt("/name")}
          hint="The file is named after it; both can be changed."
        />
      )}
    </FormDialog>
  );
}

interface Props {
  notebook: Notebook;
  onClose: () => void;
  onDone?: () => void;
}

export function RenameDialog({ notebook, onClose }: Props) {
  const client = useQueryClient();
  return (
    <FormDialog
      title={`Rename ${notebook.title || notebook.name}`}
      submit="Rename"
      onClose={onClose}
      send={async (data) => {
        await renameNotebook(notebook.id, String(data.get("title")).trim());
        await Promise.all([
          client.invalidateQueries({ queryKey: ["notebooks"] }),
          client.invalidateQueries({ queryKey: ["notebook", notebook.id] }),
        ]);
      }}
    >
      {(errorAt) => (
        <Field
          label="Title"
          name="title"
          required
          autoFocus
          maxLength={100}
          defaultValue={notebook.title || notebook.name}
          error={errorAt("/title")}
        />
      )}
    </FormDialog>
  );
}

/** A deletion can't be taken back, so it takes two steps. */
export function DeleteDialog({ notebook, onClose, onDone }: Props) {
  const client = useQueryClient();
  return (
    <FormDialog
      title={`Delete ${notebook.title || notebook.name}?`}
      submit="Delete"
      danger
      onClose={onClose}
      send={async () => {
        await deleteNotebook(notebook.id);
        await client.invalidateQueries({ queryKey: ["notebooks"] });
        onDone?.();
      }}
    >
      {() => (
        <>
          <p className="text-sm">
            Its cells, outputs, versions and comments go with it, for everybody. Nobody can bring them back; export it
            first if you may want it again.
          </p>
          <label className="flex items-start gap-2 text-sm">
            <input type="checkbox" required className="mt-0.5 size-4 shrink-0 accent-danger" />
            It is not needed any more.
          </label>
        </>
      )}
    </FormDialog>
  );
}
