import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Clipboard, Download, Maximize2, Trash2, X } from "lucide-react";
import { useContext, useMemo } from "react";
import { useMay } from "@/features/identity/account";
import { address, base } from "@/shared/api/client";
import type { Dataset, DatasetDetail, ProjectView, Upload } from "@/shared/api/types";
import { Button, buttonClass } from "@/shared/ui/button";
import { Failure } from "@/shared/ui/failure";
import { Menu } from "@/shared/ui/menu";
import { Skeleton } from "@/shared/ui/skeleton";
import { toast } from "@/shared/ui/toast";
import { DataLook } from "../look";
import { contentPath, itemQuery, kindOf } from "../queries";
import { shownName } from "../shown-text";
import { DataSlotsContext } from "../slots";
import { snippets } from "../snippets";
import { Facts } from "./facts";
import { LineageLists } from "./lineage";

type Item = Upload | DatasetDetail;

interface Props {
  project: ProjectView;
  id: string;
  onClose: () => void;
  onDelete: (item: Upload | Dataset) => void;
}

/** One upload or dataset beside a list. */
export function DataDetail({ project, id, onClose, onDelete }: Props) {
  const item = useQuery(itemQuery(id));
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-start gap-2">
        <h2 className="min-w-40 flex-1 pt-1.5 wrap-anywhere">{item.data ? shownName(item.data.name) : "…"}</h2>
        {item.data && <ItemActions project={project} item={item.data} onDelete={onDelete} />}
        <Link
          className={buttonClass("quiet", "px-2!")}
          to="/projects/$project/data/$data"
          params={{ project: project.name, data: id }}
          aria-label="On a page of its own"
          title="On a page of its own"
        >
          <Maximize2 aria-hidden className="size-4" />
        </Link>
        <Button look="quiet" className="px-2!" aria-label="Close the preview" title="Close" onClick={onClose}>
          <X aria-hidden className="size-4" />
        </Button>
      </div>
      {item.isError ? <Failure error={item.error} /> : <DetailBody project={project} item={item.data} />}
    </div>
  );
}

/** What is in it, what it is, and where it comes from. */
export function DetailBody({ project, item }: { project: ProjectView; item: Item | undefined }) {
  const { lineage } = useContext(DataSlotsContext);
  if (!item) return <Skeleton className="h-[32rem] w-full" />;
  const dataset = kindOf(item.id) === "datasets" ? (item as DatasetDetail) : undefined;
  return (
    <>
      {dataset?.description && <p className="text-muted wrap-anywhere">{dataset.description}</p>}
      {dataset?.partial && (
        <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
          Its version ended before it was done, so it may not be whole, and no process takes it as an input.
        </p>
      )}
      <DataLook id={item.id} name={item.name} mediaType={item.media_type} size={item.size} dataset={dataset} />
      <Facts project={project} item={item} />
      {lineage?.(project, item) ?? (dataset && <LineageLists project={project.name} id={item.id} />)}
    </>
  );
}

/** Download, copy, delete, and what other features offer. */
export function ItemActions({ project, item, onDelete }: Pick<Props, "project" | "onDelete"> & { item: Item }) {
  const may = useMay(project.id);
  const { actions } = useContext(DataSlotsContext);
  const copies = useMemo(
    () => snippets(item, project.name, base.origin + base.pathname.replace(/\/$/, "")),
    [item, project.name],
  );
  return (
    <>
      {actions?.(project, item)}
      <a
        className={buttonClass()}
        href={address(contentPath(item.id, true))}
        download={item.name.split("/").at(-1)}
        title="The file as it is, byte by byte"
      >
        <Download aria-hidden className="size-4" />
        Download
      </a>
      <Menu
        align="end"
        trigger={
          <Button look="quiet" className="px-2!" aria-label="Copy how to read it elsewhere" title="Copy how to read it">
            <Clipboard aria-hidden className="size-4" />
          </Button>
        }
        items={copies.map(({ title, about, text }) => ({
          id: title,
          label: `Copy: ${title}`,
          about,
          run: () => void copy(text),
        }))}
      />
      {may(`${kindOf(item.id)}.delete`) && !project.archived && (
        <Button look="quiet" className="px-2!" aria-label="Delete" title="Delete" onClick={() => onDelete(item)}>
          <Trash2 aria-hidden className="size-4" />
        </Button>
      )}
    </>
  );
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast.done("Copied");
  } catch (error) {
    toast.error(error, "It was not copied");
  }
}
