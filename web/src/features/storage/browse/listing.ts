// Uploads and datasets as one list. Each comes from the server by pages in the same order; what lies behind the last
// loaded item of a list that goes on is held back, so that nothing is ever put in above what one reads.

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useMay } from "@/features/identity/account";
import type { Dataset, Project, Upload } from "@/shared/api/types";
import { datasetsQuery, uploadsQuery } from "../queries";
import { type Choice, type Sort, typeGroups } from "./choice";
import { useRemoved } from "./removals";

export type Item = Upload | Dataset;

type Compare = (a: Item, b: Item) => number;

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const keys: Record<string, Compare> = {
  name: (a, b) => byText(a.name.toLowerCase(), b.name.toLowerCase()) || byText(a.name, b.name),
  size: (a, b) => a.size - b.size,
  created_at: (a, b) => byText(a.created_at, b.created_at),
};

export function order(sort: Sort): Compare {
  const falling = sort.startsWith("-");
  const compare = keys[falling ? sort.slice(1) : sort] as Compare;
  return (a, b) => (falling ? -compare(a, b) : compare(a, b)) || byText(a.id, b.id);
}

export interface Part {
  items: readonly Item[];
  more: boolean;
}

/** One list out of several, as far as it is certain, and which of them must go on first. */
export function merge(parts: readonly Part[], compare: Compare): { items: Item[]; behind: number | undefined } {
  let behind: number | undefined;
  let frontier: Item | undefined;
  parts.forEach(({ items, more }, index) => {
    const last = items.at(-1);
    if (!more || !last) return;
    if (!frontier || compare(last, frontier) < 0) {
      frontier = last;
      behind = index;
    }
  });
  const all = parts.flatMap(({ items }) => items).toSorted(compare);
  return { items: frontier ? all.filter((item) => compare(item, frontier as Item) <= 0) : all, behind };
}

/** Whether an item is what the choice asks for; the server says so too, but an older list may be on screen. */
export function fits(item: Item, { name, type, process }: Choice): boolean {
  if (name && !item.name.toLowerCase().includes(name.toLowerCase())) return false;
  if (process && !("process" in item && item.process === process)) return false;
  const types = type && typeGroups[type]?.types;
  const essence = item.media_type.split(";")[0]?.trim().toLowerCase() ?? "";
  return !types || types.some((wanted) => (wanted.endsWith("/") ? essence.startsWith(wanted) : essence === wanted));
}

export function useListing(project: Project, choice: Choice) {
  const may = useMay(project.id);
  const removed = useRemoved();
  const { name, type, process, kind } = choice;
  const sort = choice.sort ?? "-created_at";
  const media_type = type ? typeGroups[type]?.types : undefined;
  const filter = { name, media_type, sort };
  const uploads = useInfiniteQuery({
    ...uploadsQuery(project.name, filter),
    enabled: kind !== "datasets" && !process && may("uploads.view"),
    placeholderData: keepPreviousData,
  });
  const datasets = useInfiniteQuery({
    ...datasetsQuery(project.name, { ...filter, process }),
    enabled: kind !== "uploads" && may("datasets.view"),
    placeholderData: keepPreviousData,
  });
  const asked = [uploads, datasets].filter((query) => query.isEnabled);

  const withUploads = uploads.isEnabled ? uploads.data : undefined;
  const withDatasets = datasets.isEnabled ? datasets.data : undefined;
  const { items, behind } = useMemo(() => {
    const wanted = { name, type, process };
    const part = (data: { pages: { items: Item[]; next?: string | null }[] } | undefined): Part => ({
      items: data?.pages.flatMap((page) => page.items).filter((item) => fits(item, wanted)) ?? [],
      more: Boolean(data?.pages.at(-1)?.next),
    });
    const merged = merge([part(withUploads), part(withDatasets)], order(sort));
    return { ...merged, items: merged.items.filter(({ id }) => !removed.has(id)) };
  }, [withUploads, withDatasets, name, type, process, sort, removed]);

  const next = [uploads, datasets][behind ?? -1] ?? asked.find((query) => query.hasNextPage);
  return {
    items,
    /** Nothing may be seen here at all. */
    forbidden: !may("uploads.view") && !may("datasets.view"),
    pending: asked.some((query) => query.isPending),
    error: asked.find((query) => query.isError)?.error,
    hasMore: next?.hasNextPage ?? false,
    loadingMore: asked.some((query) => query.isFetchingNextPage),
    more: () => {
      if (next?.hasNextPage && !next.isFetchingNextPage) void next.fetchNextPage();
    },
    retry: () => {
      for (const query of asked) void query.refetch();
    },
  };
}
