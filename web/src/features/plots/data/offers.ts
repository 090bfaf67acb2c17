// The data of a project that may be drawn.

import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { isUpload } from "./structure";

export interface Offer {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  upload: boolean;
  /** Where it comes from, in words. */
  from: string;
}

const LIMIT = 500;

/** Tables, arrays and JSON documents; drawings and pictures are not drawn again. */
function drawable(mediaType: string): boolean {
  const plain = mediaType.split(";")[0]?.trim() ?? "";
  if (plain === "application/vnd.plotly.v1+json") return false;
  return /csv|tab-separated|json|parquet|npy|numpy|arrow/.test(plain);
}

export const offersQuery = (project: string) =>
  queryOptions({
    // Below the key that uploads and datasets refresh.
    queryKey: ["choices", project, "plots"],
    queryFn: async () => {
      const query = { project, limit: LIMIT };
      const [uploads, datasets, processes] = await Promise.all([
        body(api.GET("/api/uploads", { params: { query } })),
        body(api.GET("/api/datasets", { params: { query } })),
        body(api.GET("/api/processes", { params: { query: { project, limit: 200 } } })),
      ]);
      const names = new Map(processes.items.map(({ id, name }) => [id, name]));
      const offers: Offer[] = [...uploads.items, ...datasets.items]
        .filter(({ media_type }) => drawable(media_type))
        .map((item) => ({
          id: item.id,
          name: item.name,
          mediaType: item.media_type,
          size: item.size,
          upload: isUpload(item.id),
          from: "process" in item ? `${names.get(item.process) ?? item.process}, version ${item.version}` : "Upload",
        }));
      return { offers, more: Boolean(uploads.next || datasets.next) };
    },
  });
