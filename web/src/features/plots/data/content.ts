// Whole documents, for what only the browser can read as a table or a grid.

import { request } from "@/shared/api/client";
import { isUpload } from "./structure";

/** More than this is not loaded to be drawn. */
const MOST = 20_000_000;

export const readable = ({ size }: { size: number }): boolean => size <= MOST;

const path = (id: string) => `/api/${isUpload(id) ? "uploads" : "datasets"}/${encodeURIComponent(id)}`;

export const pathOf = path;

// Read twice in a row (what is in it, then what to draw of it): the last one is kept.
let last: { id: string; as: string; value: Promise<unknown> } | undefined;

export const contentQuery = (id: string, as: "json" | "" = "") => ({
  queryFn: async (): Promise<unknown> => {
    if (last?.id !== id || last.as !== as) {
      const value = request(`${path(id)}/content${as ? `?as=${as}` : ""}`).then((answer) => answer.json());
      last = { id, as, value };
      value.catch(() => {
        last = undefined;
      });
    }
    return last.value;
  },
});
