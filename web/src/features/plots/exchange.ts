// A plot as a file: what is drawn of which data, with what those data were, so that somebody else, or oneself next
// year, can draw the same again and see whether the data still are the same.

import type { Structure } from "./data/structure";
import { type PlotSpec, parseSpec, type Source, sourceKey } from "./spec";

const FORMAT = "castalia.plot";

export interface UsedData {
  source: Source;
  id: string;
  name: string;
  media_type: string;
  sha256: string;
  process?: string;
  version?: number;
}

export interface PlotFile {
  format: typeof FORMAT;
  v: 1;
  title?: string;
  spec: PlotSpec;
  data: readonly UsedData[];
  project: { id: string; name: string };
  software: { name: "castalia"; version: string };
  exported_at: string;
}

export function usedData(spec: PlotSpec, structureOf: (element: string) => Structure | undefined): UsedData[] {
  const found = new Map<string, UsedData>();
  for (const { id, source } of spec.elements) {
    const structure = structureOf(id);
    if (!source || !structure) continue;
    found.set(sourceKey(source), {
      source,
      id: structure.id,
      name: structure.name,
      media_type: structure.mediaType,
      sha256: structure.sha256,
      ...(structure.process && { process: structure.process }),
      ...(structure.version !== undefined && { version: structure.version }),
    });
  }
  return [...found.values()];
}

export function plotFile(file: Omit<PlotFile, "format" | "v">): PlotFile {
  return { format: FORMAT, v: 1, ...file };
}

/** Reads a file; throws with what is wrong. */
export function readPlotFile(text: string): PlotFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("the file is no JSON");
  }
  const file = value as Partial<PlotFile> | null;
  if (file?.format !== FORMAT) throw new Error("the file is no plot of Castalia");
  if (file.v !== 1) throw new Error("the file is of a newer version of Castalia");
  const spec = parseSpec(file.spec);
  if (!spec) throw new Error("the file's plot can't be read");
  const data = (Array.isArray(file.data) ? file.data : []).filter(
    (used) => typeof used?.id === "string" && typeof used.sha256 === "string",
  );
  return { ...(file as PlotFile), spec, data };
}

/** The plot with its data as they were: followed processes are fixed to the version that was drawn. */
export function pinned({ spec, data }: Pick<PlotFile, "spec" | "data">, there: ReadonlyMap<string, string>): PlotSpec {
  const idOf = (source: Source) => {
    const id = data.find((used) => sourceKey(used.source) === sourceKey(source))?.id;
    return id ? (there.get(id) ?? id) : undefined;
  };
  return {
    ...spec,
    elements: spec.elements.map((element) => {
      const id = element.source && idOf(element.source);
      return id ? { ...element, source: { data: id } } : element;
    }),
  };
}
