import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { figureQuery, type SavedFigure } from "@/features/plots/figures/queries";
import type { Settings } from "@/shared/panels/panel";
import { undo } from "@/shared/undo/undo";
import { type MapLayer, type MapSettings, readSettings } from "./model";

let last = 0;

/** What of a map is saved as a figure. */
export type MapSpec = Pick<MapSettings, "layers" | "view" | "graticule">;

export interface SavedMap {
  /** The figure that is shown; absent for a map that was never saved, and while it loads. */
  figure: SavedFigure | undefined;
  /** Its id, as the settings have it. */
  id: string | undefined;
  error: unknown;
  retry: () => void;
  loading: boolean;
  /** Whether the layers are others than those that were saved. */
  dirty: boolean;
  /** The revision that the changes here began with. */
  base: number | undefined;
}

const asObject = (value: unknown): Settings => (typeof value === "object" && value !== null ? (value as Settings) : {});

/** A map's settings, and ways to change them: layers with undo, where and how one looks without. */
export function useMapSettings(project: string, given: Settings, onSettings: (next: Settings) => void) {
  const id = typeof given.figure === "string" ? given.figure : undefined;
  const query = useQuery({ ...figureQuery(project, id ?? ""), enabled: id !== undefined });
  const figure = id === undefined ? undefined : query.data;
  // What was changed here stands over what was saved.
  const settings = useMemo(() => readSettings({ ...asObject(figure?.spec), ...given }), [figure, given]);
  const savedLayers = useMemo(() => JSON.stringify(readSettings(asObject(figure?.spec)).layers), [figure]);
  // Equal layers stay the same list while the view moves.
  const layersText = JSON.stringify(settings.layers);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is what the list is made of
  const layers = useMemo(() => settings.layers, [layersText]);
  const now = useRef<{ settings: MapSettings; save: (next: Partial<MapSettings>) => void }>(undefined);
  const base = typeof given.base === "number" ? given.base : undefined;
  const own = useRef<Settings>(given);
  // A render in between may still have the settings from before a change that is on its way.
  const seen = useRef(given);
  if (seen.current !== given) {
    seen.current = given;
    own.current = given;
  }
  now.current = {
    settings,
    save: (part) => {
      const { show: _show, ...before } = own.current;
      const revision = figure && part.layers && base === undefined ? { base: figure.revision } : {};
      own.current = { ...before, ...part, ...revision };
      onSettings(own.current);
    },
  };
  const name = useRef(`map-${++last}`);

  const put = useCallback((part: Partial<MapSettings>) => {
    const { current } = now;
    if (!current) return;
    // Two changes in one go must not overwrite each other.
    current.settings = { ...current.settings, ...part };
    current.save(part);
  }, []);

  const change = useCallback(
    (title: string, make: (layers: MapLayer[]) => MapLayer[], merge?: string) => {
      const before = now.current?.settings.layers ?? [];
      const after = make(before);
      put({ layers: after });
      undo.did({
        title,
        undo: () => put({ layers: before }),
        redo: () => put({ layers: after }),
        merge: `${name.current}:${merge ?? Math.random()}`,
      });
    },
    [put],
  );

  // What is no longer shown can't be taken back.
  useEffect(() => () => undo.forget(({ merge }) => merge?.startsWith(`${name.current}:`) ?? false), []);

  const saved: SavedMap = {
    figure,
    id,
    error: id !== undefined && query.isError ? query.error : undefined,
    retry: () => void query.refetch(),
    loading: id !== undefined && query.isPending,
    dirty: figure === undefined ? layers.length > 0 : layersText !== savedLayers,
    base,
  };
  return { settings: { ...settings, layers }, change, look: put, saved };
}
