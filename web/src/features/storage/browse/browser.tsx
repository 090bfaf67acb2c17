import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Database, Download, FileUp, FolderUp, SearchX, Trash2 } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useMay } from "@/features/identity/account";
import { useActions } from "@/shared/actions/actions";
import { address } from "@/shared/api/client";
import type { ProjectView } from "@/shared/api/types";
import { plural } from "@/shared/lib/format";
import { select } from "@/shared/selection/selection";
import { Button } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { DataDetail } from "../detail/detail";
import { contentPath } from "../queries";
import { DropTarget, useUploading } from "../send/drop-target";
import { Transfers } from "../send/transfers";
import { type Choice, narrowed } from "./choice";
import { Filters, SearchField } from "./filters";
import { DataList } from "./list";
import { type Item, useListing } from "./listing";
import { removeSoon } from "./removals";

interface Props {
  project: ProjectView;
  choice: Choice;
  onChoice: (next: Choice) => void;
}

/** The files of a project: the list, and beside it (or below, where it is narrow) what one of them is. */
export function DataBrowser({ project, choice, onChoice }: Props) {
  const listing = useListing(project, choice);
  const may = useMay(project.id);
  const client = useQueryClient();
  const search = useRef<HTMLInputElement>(null);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const uploading = useUploading(project);
  const chosen = listing.items.filter(({ id }) => ticked.has(id));

  const deletable = (item: Item) => may("process" in item ? "datasets.delete" : "uploads.delete") && !project.archived;
  const show = (id: string | undefined) => {
    select(project.id, { data: id });
    onChoice({ ...choice, data: id });
  };
  const remove = (items: readonly Item[]) => {
    const allowed = items.filter(deletable);
    if (allowed.length === 0) return;
    removeSoon(client, allowed);
    setTicked(new Set());
    if (allowed.some(({ id }) => id === choice.data)) show(undefined);
  };

  // An upload that is replaced is another one by the same name: what is shown follows.
  const before = useRef<Item>(undefined);
  const now = listing.items.find(({ id }) => id === choice.data);
  const successor =
    !now && before.current && before.current.id === choice.data && !("process" in before.current)
      ? listing.items.find((item) => !("process" in item) && item.name === before.current?.name)
      : undefined;
  useEffect(() => {
    if (now) before.current = now;
    else if (successor) show(successor.id);
  });

  const { choose, chooseFolder } = uploading;
  useActions(
    useMemo(
      () => [
        { id: "data.search", title: "Search the data", section: "Data", run: () => search.current?.focus() },
        ...(uploading.allowed
          ? [
              { id: "data.upload", title: "Upload files…", section: "Data", icon: FileUp, run: choose },
              { id: "data.upload-folder", title: "Upload a folder…", section: "Data", run: chooseFolder },
            ]
          : []),
      ],
      [uploading.allowed, choose, chooseFolder],
    ),
  );

  if (listing.forbidden) {
    return (
      <Empty icon={Database} title="No data for you here">
        Your role in this project does not show its files. A manager of the project can change that.
      </Empty>
    );
  }
  return (
    <DropTarget uploading={uploading}>
      <div className="@container flex h-full min-h-0 flex-col">
        <div
          className={`grid min-h-0 flex-1 gap-3 ${choice.data ? "grid-rows-[minmax(16rem,2fr)_minmax(16rem,3fr)] overflow-auto @3xl:overflow-visible @3xl:grid-cols-[minmax(20rem,2fr)_3fr] @3xl:grid-rows-[minmax(0,1fr)]" : "grid-rows-[minmax(0,1fr)]"}`}
        >
          <section aria-label="Files" className="@container flex min-h-0 min-w-0 flex-col gap-2">
            <div className="flex flex-wrap items-start gap-2">
              <SearchField
                value={choice.name ?? ""}
                onValue={(name) => onChoice({ ...choice, name: name || undefined })}
                input={search}
              />
              {uploading.allowed && (
                <div className="flex gap-1">
                  <Button look="primary" onClick={choose}>
                    <FileUp aria-hidden className="size-4" />
                    Upload…
                  </Button>
                  <Button onClick={chooseFolder} aria-label="Upload a folder…" title="Upload a folder…">
                    <FolderUp aria-hidden className="size-4" />
                  </Button>
                </div>
              )}
            </div>
            <Filters project={project} choice={choice} onChoice={onChoice} />
            <Transfers uploading={uploading} />
            {chosen.length > 0 && (
              <Ticked
                items={chosen}
                onClear={() => setTicked(new Set())}
                onDelete={chosen.some(deletable) ? () => remove(chosen) : undefined}
              />
            )}
            <Body listing={listing} choice={choice} onChoice={onChoice} project={project} onUpload={uploading}>
              <DataList
                project={project.name}
                items={listing.items}
                shown={choice.data}
                onShow={show}
                ticked={ticked}
                onTick={setTicked}
                onDelete={remove}
                hasMore={listing.hasMore}
                loadingMore={listing.loadingMore}
                more={listing.more}
              />
            </Body>
          </section>
          {choice.data && (
            <section aria-label="Preview" className="card min-h-0 min-w-0 overflow-auto p-3">
              <DataDetail
                key={choice.data}
                project={project}
                id={choice.data}
                onClose={() => show(undefined)}
                onDelete={(item) => remove([item])}
              />
            </section>
          )}
        </div>
      </div>
    </DropTarget>
  );
}

interface BodyProps extends Props {
  listing: ReturnType<typeof useListing>;
  onUpload: { allowed: boolean; choose: () => void };
  children: ReactNode;
}

/** The list, or why there is none. */
function Body({ listing, choice, onChoice, project, onUpload, children }: BodyProps) {
  // What was loaded stays while the server is away.
  if (listing.error && listing.items.length === 0) return <Failure error={listing.error} retry={listing.retry} />;
  if (listing.pending) return <SkeletonRows rows={6} className="h-9" />;
  if (listing.items.length > 0 || listing.hasMore) return children;
  if (narrowed(choice)) {
    return (
      <Empty
        icon={SearchX}
        title="Nothing fits"
        action={
          <Button onClick={() => onChoice({ sort: choice.sort, data: choice.data })}>Show everything again</Button>
        }
      >
        No file of this project has such a name, type and origin.
      </Empty>
    );
  }
  return (
    <Empty
      icon={Database}
      title="No data yet"
      action={
        onUpload.allowed && (
          <span className="flex flex-wrap items-center justify-center gap-3">
            <Button look="primary" onClick={onUpload.choose}>
              Upload files…
            </Button>
            <Link className="link text-sm" to="/projects/$project/new" params={{ project: project.name }}>
              Run a process
            </Link>
          </span>
        )
      }
    >
      Drop files here. Processes read them as inputs, and what they write stands here too, with what it was made from.
    </Empty>
  );
}

function Ticked(props: { items: readonly Item[]; onClear: () => void; onDelete: (() => void) | undefined }) {
  const { items, onClear, onDelete } = props;
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm" role="status">
      <span className="font-medium">{plural(items.length, "file")} ticked</span>
      <Button look="quiet" onClick={() => downloadAll(items)}>
        <Download aria-hidden className="size-4" />
        Download
      </Button>
      {onDelete && (
        <Button look="quiet" onClick={onDelete}>
          <Trash2 aria-hidden className="size-4" />
          Delete
        </Button>
      )}
      <Button look="quiet" onClick={onClear}>
        Untick
      </Button>
    </div>
  );
}

/** One after the other: a browser takes one download per moment from a page. */
async function downloadAll(items: readonly Item[]): Promise<void> {
  for (const { id, name } of items) {
    const link = document.createElement("a");
    link.href = address(contentPath(id, true));
    link.download = name.split("/").at(-1) ?? name;
    link.click();
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
}
