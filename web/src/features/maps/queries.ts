import { queryOptions } from "@tanstack/react-query";
import { withUnits } from "@/features/storage/columns";
import { contentPath, datasetQuery, kindOf, uploadQuery } from "@/features/storage/queries";
import { api, body, request } from "@/shared/api/client";
import type { Dataset, Upload } from "@/shared/api/types";
import { bytes } from "@/shared/lib/format";
import type { MapColumn, MapData } from "./data";
import { splitHeading } from "./parse";
import type { Plan } from "./plan";
import type { Raster, Shapes } from "./prepare";
import { inWorker } from "./worker";

/** More is not loaded into the browser. */
const LIMIT = 100_000_000;

export interface MapSource extends MapData {
  id: string;
  name: string;
}

/** What a view of an upload or dataset may say beyond its type. */
type Said = { crs?: unknown; columns?: unknown };

/** An upload or dataset with all that a map needs of it. Data never changes once it is written. */
export const sourceQuery = (id: string) =>
  queryOptions({
    queryKey: ["content", id, "map"],
    queryFn: async ({ client }): Promise<MapSource> => {
      const item: Upload | Dataset = await (kindOf(id) === "uploads"
        ? client.ensureQueryData(uploadQuery(id))
        : client.ensureQueryData(datasetQuery(id)));
      if (item.size > LIMIT) {
        throw new Error(`with ${bytes(item.size)}, ${item.name} is too large for a map here; thin or grid it first`);
      }
      const content = await (await request(contentPath(id))).arrayBuffer();
      const data = await inWorker("parse", content, item.media_type, item.name);
      const crs = (item as Said).crs;
      return {
        ...data,
        ...(typeof crs === "string" && crs !== "" && { crs }),
        columns: described(data.columns, item),
        id,
        name: item.name,
      };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10 * 60_000,
  });

/** Units and roles that the view knows. */
function described(columns: MapColumn[], item: Upload | Dataset): MapColumn[] {
  const units = withUnits(
    columns.map(({ name }) => name),
    "units" in item ? item : undefined,
  );
  const said = (item as Said).columns;
  const by = new Map<string, { unit?: string | null; role?: string | null }>();
  for (const entry of Array.isArray(said) ? (said as unknown[]) : []) {
    if (typeof entry !== "object" || entry === null || !("name" in entry)) continue;
    const column = entry as { name: unknown; unit?: string | null; role?: string | null };
    // It is named by its whole heading there, with the unit.
    by.set(splitHeading(String(column.name)).name, column);
  }
  return columns.map((column, index) => {
    const { unit, role } = by.get(column.name) ?? {};
    return { ...column, unit: unit || column.unit || units[index]?.unit || null, ...(role && { role }) };
  });
}

export type Drawing = { kind: "features"; shapes: Shapes } | { kind: "raster"; raster: Raster };

/** A layer, ready to be drawn. The key holds all that it depends on. */
export const drawingQuery = (source: MapSource | undefined, plan: Plan) =>
  queryOptions({
    queryKey: ["content", source?.id, "drawing", plan.need ? null : plan.key],
    queryFn: () => draw(plan),
    enabled: source !== undefined && !plan.need,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });

async function draw(plan: Plan): Promise<Drawing> {
  if (plan.need) throw new Error(plan.need.text);
  const { crs, kind } = plan;
  if (plan.grid && kind === "grid") {
    return { kind: "raster", raster: await inWorker("raster", crs, plan.grid, plan.smooth) };
  }
  if (plan.grid) return { kind: "features", shapes: await inWorker("isolines", crs, plan.grid, plan.levels) };
  const { x, y, shapes, values, sizes, groups } = plan;
  if (shapes) return { kind: "features", shapes: await inWorker("shapes", crs, shapes, values, sizes) };
  if (!x || !y) throw new Error("it has no positions");
  return {
    kind: "features",
    shapes:
      kind === "track"
        ? await inWorker("tracks", crs, x, y, groups)
        : await inWorker("pointFeatures", crs, x, y, values, sizes),
  };
}

const PAGE = 200;
const PAGES = 5;

export interface Choice {
  id: string;
  name: string;
  group: string;
  /** Made for maps: offered first. */
  likely: boolean;
}

const drawable = (mediaType: string, name: string) =>
  /geo\+?json|csv|tab-separated|npy|^text\/plain|^application\/json/.test(mediaType) ||
  /\.(npy|csv|tsv|xyz|txt|dat|geojson)$/i.test(name);
const likely = (mediaType: string, name: string) =>
  /geo\+?json/.test(mediaType) || /\b(map|grid|survey|points|stations?|lon|geo|contours?)\b/i.test(name);

/** Data of the project that a map may be able to draw. */
export const choicesQuery = (project: string) =>
  queryOptions({
    queryKey: ["choices", project, "map"],
    queryFn: async (): Promise<Choice[]> => {
      const query = (after: string | undefined) => ({ params: { query: { project, limit: PAGE, after } } });
      const [uploads, datasets, processes] = await Promise.all([
        all<Upload>((after) => body(api.GET("/api/uploads", query(after)))),
        all<Dataset>((after) => body(api.GET("/api/datasets", query(after)))),
        body(api.GET("/api/processes", query(undefined))),
      ]);
      const names = new Map(processes.items.map(({ id, name }) => [id, name]));
      const choice = (item: Upload | Dataset, group: string): Choice[] =>
        drawable(item.media_type, item.name)
          ? [{ id: item.id, name: item.name, group, likely: likely(item.media_type, item.name) }]
          : [];
      return [
        ...uploads.flatMap((upload) => choice(upload, "Uploads")),
        ...datasets.flatMap((dataset) =>
          choice(dataset, `Outputs of ${names.get(dataset.process) ?? dataset.process} v${dataset.version}`),
        ),
      ];
    },
  });

async function all<T>(
  load: (after: string | undefined) => Promise<{ items: T[]; next?: string | null }>,
): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await load(after);
    items.push(...answer.items);
    if (!answer.next) break;
    after = answer.next;
  }
  return items;
}
