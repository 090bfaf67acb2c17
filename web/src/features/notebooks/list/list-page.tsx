import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { EllipsisVertical, FileUp, FolderOpen, NotebookPen, Pencil, Plus, Trash2 } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { useMay } from "@/features/identity/account";
import { useActions } from "@/shared/actions/actions";
import type { ProjectView } from "@/shared/api/types";
import { ago, moment, plural } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { Menu } from "@/shared/ui/menu";
import { Page } from "@/shared/ui/page";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { type Notebook, notebooksQuery } from "../queries";
import { DeleteDialog, NewDialog, RenameDialog } from "./dialogs";
import { exportItems } from "./exports";
import { OpenFileDialog } from "./open-file";
import { useImport } from "./use-import";

type Open = { kind: "new" | "file" } | { kind: "rename" | "delete"; notebook: Notebook } | undefined;

/** The notebooks of a project. */
export function NotebooksPage({ project }: { project: ProjectView }) {
  const notebooks = useQuery(notebooksQuery(project.name));
  const may = useMay(project.id);
  const mayCreate = may("notebooks.create") && !project.archived;
  const [open, setOpen] = useState<Open>();
  const navigate = useNavigate();
  const go = ({ id }: Notebook) =>
    void navigate({
      to: "/projects/$project/notebooks/$notebook",
      params: { project: project.name, notebook: id },
    });
  const picker = useRef<HTMLInputElement>(null);
  const { importing, take } = useImport(project, go);
  useActions(
    useMemo(
      () =>
        mayCreate
          ? [
              {
                id: "notebook.new",
                title: "New notebook",
                section: "Notebooks",
                icon: Plus,
                keys: "n",
                run: () => setOpen({ kind: "new" }),
              },
              {
                id: "notebook.import",
                title: "Import a notebook (.ipynb)",
                section: "Notebooks",
                icon: FileUp,
                words: "upload jupyter file",
                run: () => picker.current?.click(),
              },
              {
                id: "notebook.open-file",
                title: "Open a notebook file of a workspace",
                section: "Notebooks",
                icon: FolderOpen,
                words: "volume jupyterlab ipynb",
                run: () => setOpen({ kind: "file" }),
              },
            ]
          : [],
      [mayCreate],
    ),
  );
  const create = mayCreate && (
    <>
      <input
        ref={picker}
        type="file"
        accept=".ipynb,application/x-ipynb+json,application/json"
        multiple
        hidden
        aria-label="Notebook files"
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = "";
          void take(files);
        }}
      />
      <Button busy={importing} onClick={() => picker.current?.click()}>
        <FileUp aria-hidden className="size-4" />
        Import
      </Button>
      <Button onClick={() => setOpen({ kind: "file" })}>
        <FolderOpen aria-hidden className="size-4" />
        Open a file
      </Button>
      <Button look="primary" onClick={() => setOpen({ kind: "new" })}>
        <Plus aria-hidden className="size-4" />
        New notebook
      </Button>
    </>
  );
  const close = () => setOpen(undefined);
  return (
    <Page title="Notebooks" actions={create}>
      <p className="text-muted">Documents that run: many people write in one at a time, on one kernel.</p>
      {notebooks.isError ? (
        <Failure error={notebooks.error} retry={() => void notebooks.refetch()} />
      ) : notebooks.isPending ? (
        <SkeletonRows rows={4} className="h-14" />
      ) : notebooks.data.items.length === 0 ? (
        <Empty icon={NotebookPen} title="No notebooks yet">
          A notebook holds code, what it printed and drew, and the words around it.{" "}
          {mayCreate ? "Make one, or import an .ipynb file." : "You may look at notebooks here, but not make any."}
        </Empty>
      ) : (
        <ul aria-label="Notebooks" className="card divide-y divide-line">
          {notebooks.data.items.map((notebook) => (
            <Row
              key={notebook.id}
              project={project}
              notebook={notebook}
              mayEdit={may("notebooks.edit") && !project.archived}
              mayDelete={may("notebooks.delete") && !project.archived}
              onRename={() => setOpen({ kind: "rename", notebook })}
              onDelete={() => setOpen({ kind: "delete", notebook })}
            />
          ))}
        </ul>
      )}
      {open?.kind === "new" && <NewDialog project={project} onDone={go} onClose={close} />}
      {open?.kind === "file" && <OpenFileDialog project={project} onDone={go} onClose={close} />}
      {open?.kind === "rename" && <RenameDialog notebook={open.notebook} onClose={close} />}
      {open?.kind === "delete" && <DeleteDialog notebook={open.notebook} onClose={close} />}
    </Page>
  );
}

interface RowProps {
  project: ProjectView;
  notebook: Notebook;
  mayEdit: boolean;
  mayDelete: boolean;
  onRename: () => void;
  onDelete: () => void;
}

function Row({ project, notebook, mayEdit, mayDelete, onRename, onDelete }: RowProps) {
  const title = notebook.title || notebook.name;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3" data-notebook={notebook.name}>
      <NotebookPen aria-hidden className="size-5 shrink-0 text-muted" />
      <div className="min-w-48 flex-1">
        <p className="wrap-anywhere">
          <Link
            className="link font-medium"
            to="/projects/$project/notebooks/$notebook"
            params={{ project: project.name, notebook: notebook.id }}
          >
            {title}
          </Link>
        </p>
        <p className="text-sm text-muted wrap-anywhere">
          {notebook.volume ? `${notebook.volume.path} in a workspace` : notebook.name}, {plural(notebook.cells, "cell")}
          {notebook.language && `, ${notebook.language}`}
        </p>
      </div>
      <time className="text-sm text-muted" dateTime={notebook.updated_at} title={moment(notebook.updated_at)}>
        {ago(notebook.updated_at)}
      </time>
      <Menu
        align="end"
        trigger={
          <Button look="quiet" className="px-2!" aria-label={`More of ${title}`}>
            <EllipsisVertical aria-hidden className="size-4" />
          </Button>
        }
        items={[
          ...(mayEdit ? [{ id: "rename", label: "Rename…", icon: Pencil, run: onRename }] : []),
          ...exportItems(notebook),
          ...(mayDelete ? (["line"] as const) : []),
          ...(mayDelete ? [{ id: "delete", label: "Delete…", icon: Trash2, danger: true, run: onDelete }] : []),
        ]}
      />
    </li>
  );
}
