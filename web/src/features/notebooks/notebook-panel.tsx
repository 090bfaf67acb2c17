// A notebook as a panel of the workbench.

import { useQuery } from "@tanstack/react-query";
import { NotebookPen, Plus } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { useMay } from "@/features/identity/account";
import { type PanelProps, usePanelMenu, usePanelTitle } from "@/shared/panels/panel";
import { Button } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { NewDialog } from "./list/dialogs";
import { loadView, preloadView } from "./load-view";
import { notebookQuery, notebooksQuery } from "./queries";

const NotebookView = lazy(loadView);

const loading = (
  <div className="p-4">
    <SkeletonRows rows={5} className="h-16" />
  </div>
);

export default function NotebookPanel(props: PanelProps) {
  const { notebook } = props.settings;
  return typeof notebook === "string" ? <One key={notebook} {...props} id={notebook} /> : <Choose {...props} />;
}

function One({ project, settings, onSettings, id }: PanelProps & { id: string }) {
  const notebook = useQuery(notebookQuery(id));
  useState(preloadView);
  const shown = notebook.data;
  usePanelTitle(shown && (shown.title || shown.name));
  usePanelMenu(
    useMemo(
      () => [{ id: "other", label: "Show another notebook", icon: NotebookPen, run: () => onSettings({}) }],
      [onSettings],
    ),
  );
  if (notebook.isLoadingError) {
    return (
      <div className="space-y-3 p-4">
        <Failure error={notebook.error} retry={() => void notebook.refetch()} />
        <Button onClick={() => onSettings({})}>Show another notebook</Button>
      </div>
    );
  }
  if (!shown) return loading;
  return (
    <Suspense fallback={loading}>
      <NotebookView
        project={project}
        notebook={shown}
        view={settings.view === "canvas" ? "canvas" : "list"}
        onView={(view) => onSettings({ ...settings, view })}
      />
    </Suspense>
  );
}

function Choose({ project, onSettings }: PanelProps) {
  const notebooks = useQuery(notebooksQuery(project.name));
  const mayCreate = useMay(project.id)("notebooks.create") && !project.archived;
  const [making, setMaking] = useState(false);
  const fresh = mayCreate && (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus aria-hidden className="size-4" />
      New notebook
    </Button>
  );
  const items = notebooks.data?.items ?? [];
  return (
    <div className="h-full overflow-auto p-4">
      {notebooks.isError ? (
        <Failure error={notebooks.error} retry={() => void notebooks.refetch()} />
      ) : notebooks.isPending ? (
        <SkeletonRows rows={4} />
      ) : items.length === 0 ? (
        <Empty icon={NotebookPen} title="No notebooks yet" action={fresh}>
          A notebook holds code, what it printed and drew, and the words around it.
        </Empty>
      ) : (
        <div className="mx-auto max-w-xl space-y-3">
          <ul aria-label="Notebooks" className="card divide-y divide-line">
            {items.map(({ id, title, name }) => (
              <li key={id}>
                <button
                  type="button"
                  className="flex w-full items-center gap-2 px-3 py-2 text-left hover:bg-hover"
                  onClick={() => onSettings({ notebook: id })}
                >
                  <NotebookPen aria-hidden className="size-4 shrink-0 text-muted" />
                  <span className="wrap-anywhere">{title || name}</span>
                </button>
              </li>
            ))}
          </ul>
          {fresh}
        </div>
      )}
      {making && (
        <NewDialog
          project={project}
          onDone={({ id }) => onSettings({ notebook: id })}
          onClose={() => setMaking(false)}
        />
      )}
    </div>
  );
}
