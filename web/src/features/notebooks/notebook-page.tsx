import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Cog, EllipsisVertical, Pencil, Trash2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useMay } from "@/features/identity/account";
import type { ProjectView } from "@/shared/api/types";
import { Button } from "@/shared/ui/button";
import { Failure } from "@/shared/ui/failure";
import { Menu } from "@/shared/ui/menu";
import { Page } from "@/shared/ui/page";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { toast } from "@/shared/ui/toast";
import { DeleteDialog, RenameDialog } from "./list/dialogs";
import { exportItems } from "./list/exports";
import { loadView } from "./load-view";
import { remember, remembered } from "./local";
import { notebookQuery, publishNotebook } from "./queries";
import type { View } from "./tool-bar";

const NotebookView = lazy(loadView);

/** One notebook on a page of its own. */
export function NotebookPage({ project, id }: { project: ProjectView; id: string }) {
  const notebook = useQuery(notebookQuery(id));
  const [view, setView] = useState<View>(() => (remembered(`view ${id}`) === "canvas" ? "canvas" : "list"));
  const onView = (next: View) => {
    remember(`view ${id}`, next === "canvas" ? next : null);
    setView(next);
  };
  const [dialog, setDialog] = useState<"rename" | "delete">();
  const may = useMay(project.id);
  const navigate = useNavigate();
  const shown = notebook.data;
  const title = shown ? shown.title || shown.name : "Notebook";
  const queries = useQueryClient();
  const publish = async () => {
    try {
      const type = await publishNotebook(id);
      await queries.invalidateQueries({ queryKey: ["process-types"] });
      toast.done(`Version ${type.version} of the process type ${type.name} is made of this notebook.`);
      await navigate({
        to: "/projects/$project/new",
        params: { project: project.name },
        search: { type: `${type.environment}/${type.name}` },
      });
    } catch (error) {
      toast.error(error);
    }
  };
  const close = () => setDialog(undefined);
  return (
    <Page
      fill
      title={title}
      heading={
        <>
          <Link className="link font-normal" to="/projects/$project/notebooks" params={{ project: project.name }}>
            Notebooks
          </Link>
          <span className="px-2 font-normal text-muted">/</span>
          {title}
        </>
      }
      actions={
        shown && (
          <Menu
            align="end"
            trigger={
              <Button look="quiet" className="px-2!" aria-label={`More of ${title}`}>
                <EllipsisVertical aria-hidden className="size-4" />
              </Button>
            }
            items={[
              ...(shown.may.edit
                ? [{ id: "rename", label: "Rename…", icon: Pencil, run: () => setDialog("rename") }]
                : []),
              ...(shown.may.edit && may("processes.script") && !project.archived
                ? [{ id: "publish", label: "Use as process type", icon: Cog, run: () => void publish() }]
                : []),
              ...exportItems(shown),
              ...(may("notebooks.delete") && !project.archived
                ? ([
                    "line",
                    { id: "delete", label: "Delete…", icon: Trash2, danger: true, run: () => setDialog("delete") },
                  ] as const)
                : []),
            ]}
          />
        )
      }
    >
      <div className="card min-h-0 flex-1 overflow-hidden">
        {notebook.isLoadingError ? (
          <Failure error={notebook.error} retry={() => void notebook.refetch()} />
        ) : !shown ? (
          <div className="p-4">
            <SkeletonRows rows={5} className="h-16" />
          </div>
        ) : (
          <Suspense
            fallback={
              <div className="p-4">
                <SkeletonRows rows={5} className="h-16" />
              </div>
            }
          >
            <NotebookView project={project} notebook={shown} view={view} onView={onView} />
          </Suspense>
        )}
      </div>
      {dialog === "rename" && shown && <RenameDialog notebook={shown} onClose={close} />}
      {dialog === "delete" && shown && (
        <DeleteDialog
          notebook={shown}
          onClose={close}
          onDone={() => void navigate({ to: "/projects/$project/notebooks", params: { project: project.name } })}
        />
      )}
    </Page>
  );
}
