import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { sentence } from "@/shared/api/problem";
import type { ProjectView } from "@/shared/api/types";
import { Field, SelectField } from "@/shared/ui/field";
import { FormDialog } from "@/shared/ui/form-dialog";
import { type Notebook, openFile, volumeFilesQuery, volumesQuery } from "../queries";

interface Props {
  project: ProjectView;
  onDone: (notebook: Notebook) => void;
  onClose: () => void;
}

/** A file of a workspace becomes a notebook, and stays the workspace's file. */
export function OpenFileDialog({ project, onDone, onClose }: Props) {
  const workspaces = useQuery(volumesQuery(project.name));
  const [chosen, setChosen] = useState<string>();
  const workspace = chosen ?? workspaces.data?.[0]?.id;
  const files = useQuery({ ...volumeFilesQuery(workspace ?? ""), enabled: workspace !== undefined });
  const [path, setPath] = useState<string>();
  const all = files.data?.items ?? [];
  const known = path ?? all[0]?.path ?? "";
  const wrong = workspaces.error ?? files.error;
  return (
    <FormDialog
      title="Open a file of a workspace"
      submit="Open"
      onClose={onClose}
      send={async (data) => {
        if (workspace === undefined) throw new Error("There is no workspace to open a file of.");
        onDone(await openFile(workspace, known || String(data.get("path")).trim()));
      }}
    >
      {(errorAt) => (
        <>
          <p className="text-sm text-muted">
            The file stays where it is: what JupyterLab or an IDE saves comes here, and what is written here goes there.
            The members of the project can read it.
          </p>
          {workspaces.data?.length === 0 ? (
            <p className="text-sm">You have no workspace in this project yet.</p>
          ) : (
            <SelectField
              label="Workspace"
              value={workspace ?? ""}
              onChange={(event) => {
                setChosen(event.target.value);
                setPath(undefined);
              }}
            >
              {workspaces.data?.map(({ id, title, name }) => (
                <option key={id} value={id}>
                  {title === name ? name : `${title} (${name})`}
                </option>
              ))}
            </SelectField>
          )}
          {files.data && (
            <SelectField
              label="File"
              value={known}
              onChange={(event) => setPath(event.target.value)}
              hint={files.data.truncated && "There are more files than are shown; type the path of another."}
            >
              {all.map(({ path, notebook }) => (
                <option key={path} value={path}>
                  {notebook ? `${path} (is a notebook already)` : path}
                </option>
              ))}
              <option value="">Another one…</option>
            </SelectField>
          )}
          {files.data && known === "" && (
            <Field
              label="Path"
              name="path"
              required
              placeholder="folder/plan.ipynb"
              error={errorAt("/path")}
              hint="From the workspace's folder. A file that is not there is made."
            />
          )}
          {wrong && (
            <p role="alert" className="text-sm text-danger">
              {sentence(wrong)}
            </p>
          )}
        </>
      )}
    </FormDialog>
  );
}
