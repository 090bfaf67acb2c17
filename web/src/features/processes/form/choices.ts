// The data that a parameter can take.

import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import type { Dataset, Upload } from "@/shared/api/types";

export interface Choice {
  id: string;
  reference: string;
  name: string;
  mediaType: string;
  size: number;
  created: string;
  /** Under which heading it is offered: where it came from. */
  group: string;
}

const PAGE = 200;
const PAGES = 5;

type PageOf<T> = { items: T[]; next?: string | null };

async function all<T>(load: (after: string | undefined) => Promise<PageOf<T>>): Promise<{ items: T[]; more: boolean }> {
  const items: T[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await load(after);
    items.push(...answer.items);
    if (!answer.next) return { items, more: false };
    after = answer.next;
  }
  return { items, more: true };
}

export const choicesQuery = (project: string) =>
  queryOptions({
    queryKey: ["choices", project],
    queryFn: async () => {
      const query = (after: string | undefined) => ({ params: { query: { project, limit: PAGE, after } } });
      const [uploads, datasets] = await Promise.all([
        all<Upload>((after) => body(api.GET("/api/uploads", query(after)))),
        all<Dataset>((after) => body(api.GET("/api/datasets", query(after)))),
      ]);
      const choices: Choice[] = [
        ...uploads.items.map((upload) => ({ ...common(upload), reference: `upload:${upload.name}`, group: "Uploads" })),
        // What a version left behind when it failed can't be an input.
        ...datasets.items
          .filter(({ partial }) => !partial)
          .map((dataset) => ({
            ...common(dataset),
            reference: `dataset:${dataset.id}`,
            group: `Outputs of ${dataset.process_name ?? dataset.process} v${dataset.version}`,
          })),
      ];
      return { choices, more: uploads.more || datasets.more };
    },
  });

const common = ({ id, name, media_type, size, created_at }: Upload | Dataset) => ({
  id,
  name,
  mediaType: media_type,
  size,
  created: created_at,
});

/** Whether a media type is among those accepted; `text/*` and none at all accept more. */
export function accepted(accepts: readonly string[] | undefined, mediaType: string): boolean {
  if (!accepts || accepts.length === 0) return true;
  const plain = mediaType.split(";")[0]?.trim().toLowerCase() ?? "";
  return accepts.some((pattern) => {
    const wanted = pattern.toLowerCase();
    return wanted === plain || wanted === "*/*" || (wanted.endsWith("/*") && plain.startsWith(wanted.slice(0, -1)));
  });
}

/** Those that have every word in their name or origin. */
export function found(choices: readonly Choice[], needle: string): Choice[] {
  const words = needle.toLowerCase().split(/\s+/).filter(Boolean);
  return choices.filter(({ name, group }) => words.every((word) => `${name} ${group}`.toLowerCase().includes(word)));
}
