import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body, request } from "@/shared/api/client";
import type { DatasetDetail, Upload } from "@/shared/api/types";

/** Uploads and datasets can be previewed and read alike; the prefix of the id says which it is. */
export type DataKind = "uploads" | "datasets";

export const kindOf = (id: string): DataKind => (id.startsWith("up_") ? "uploads" : "datasets");

export const contentPath = (id: string, download = false) =>
  `/api/${kindOf(id)}/${encodeURIComponent(id)}/content${download ? "?download=true" : ""}`;

const PREVIEW_ROWS = 100;

/** How a list is narrowed and ordered. */
export interface Filter {
  /** Part of the name. */
  name?: string | undefined;
  /** Any of these; one that ends in `/` stands for all that begin with it. */
  media_type?: readonly string[] | undefined;
  sort?: string | undefined;
}

/** The parameters of a list: those that are given. */
function listParameters(project: string, after: string | undefined, filter: object) {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined && value !== "");
  return { project, limit: 200, after, ...(Object.fromEntries(given) as object) };
}

// Without a filter the key is the list's own, so that what was loaded is shared between screens.
const keyOf = (noun: string, project: string, filter: object) =>
  Object.values(filter).some((value) => value !== undefined) ? [noun, project, filter] : [noun, project];

export const uploadsQuery = (project: string, filter: Filter = {}) =>
  infiniteQueryOptions({
    queryKey: keyOf("uploads", project, filter),
    queryFn: ({ pageParam, signal }) =>
      body(api.GET("/api/uploads", { params: { query: listParameters(project, pageParam, filter) }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const datasetsQuery = (project: string, filter: Filter & { process?: string | undefined } = {}) =>
  infiniteQueryOptions({
    queryKey: keyOf("datasets", project, filter),
    queryFn: ({ pageParam, signal }) =>
      body(api.GET("/api/datasets", { params: { query: listParameters(project, pageParam, filter) }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

// Data never changes once it is written, so it stays fresh.
const FOREVER = Number.POSITIVE_INFINITY;

export const datasetQuery = (id: string) =>
  queryOptions({
    queryKey: ["dataset", id],
    queryFn: () => body(api.GET("/api/datasets/{id}", { params: { path: { id } } })),
    staleTime: FOREVER,
  });

export const uploadQuery = (id: string) =>
  queryOptions({
    queryKey: ["upload", id],
    queryFn: () => body(api.GET("/api/uploads/{id}", { params: { path: { id } } })),
    staleTime: FOREVER,
  });

/** An upload or a dataset, whichever the id is of; kept where the two above are. */
export const itemQuery = (id: string) =>
  queryOptions({
    queryKey: [kindOf(id) === "uploads" ? "upload" : "dataset", id],
    queryFn: async (): Promise<Upload | DatasetDetail> => {
      const params = { path: { id } };
      return kindOf(id) === "uploads"
        ? await body(api.GET("/api/uploads/{id}", { params }))
        : await body(api.GET("/api/datasets/{id}", { params }));
    },
    staleTime: FOREVER,
  });

export const previewQuery = (id: string) =>
  queryOptions({
    queryKey: ["preview", id],
    queryFn: ({ signal }) => {
      const params = { path: { id }, query: { rows: PREVIEW_ROWS } };
      return body(
        kindOf(id) === "uploads"
          ? api.GET("/api/uploads/{id}/preview", { params, signal })
          : api.GET("/api/datasets/{id}/preview", { params, signal }),
      );
    },
    staleTime: FOREVER,
  });

export const lineageQuery = (id: string) =>
  queryOptions({
    queryKey: ["lineage", id],
    queryFn: () => body(api.GET("/api/datasets/{id}/lineage", { params: { path: { id } } })),
  });

/** The processes that may have written something, by name. */
export const producersQuery = (project: string) =>
  queryOptions({
    queryKey: ["producers", project],
    queryFn: async () => {
      const { items } = await body(api.GET("/api/processes", { params: { query: { project, limit: 500 } } }));
      return items.map(({ id, name }) => ({ id, name }));
    },
  });

/** The bytes from `start` to before `end`, or to where the data ends. */
export async function readBytes(id: string, start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
  const headers = { range: `bytes=${start}-${end - 1}` };
  // Past the browser's cache: Chromium makes a 416 of its own out of parts that it validates.
  const answer = await request(contentPath(id), { headers, cache: "no-store", signal: signal ?? null });
  return new Uint8Array(await answer.arrayBuffer());
}
