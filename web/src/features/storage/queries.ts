import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";

/** Uploads and datasets can be previewed and read alike; the prefix of the id says which it is. */
export type DataKind = "uploads" | "datasets";

export const kindOf = (id: string): DataKind => (id.startsWith("up_") ? "uploads" : "datasets");

export const contentPath = (id: string, download = false) =>
  `/api/${kindOf(id)}/${encodeURIComponent(id)}/content${download ? "?download=true" : ""}`;

const PREVIEW_ROWS = 100;

export const uploadsQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: ["uploads", project],
    queryFn: ({ pageParam }) =>
      body(api.GET("/api/uploads", { params: { query: { project, limit: 100, after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const datasetsQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: ["datasets", project],
    queryFn: ({ pageParam }) =>
      body(api.GET("/api/datasets", { params: { query: { project, limit: 100, after: pageParam } } })),
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

export const previewQuery = (id: string) =>
  queryOptions({
    queryKey: ["preview", id],
    queryFn: () => {
      const params = { path: { id }, query: { rows: PREVIEW_ROWS } };
      return body(
        kindOf(id) === "uploads"
          ? api.GET("/api/uploads/{id}/preview", { params })
          : api.GET("/api/datasets/{id}/preview", { params }),
      );
    },
    staleTime: FOREVER,
  });

export const lineageQuery = (id: string) =>
  queryOptions({
    queryKey: ["lineage", id],
    queryFn: () => body(api.GET("/api/datasets/{id}/lineage", { params: { path: { id } } })),
  });
