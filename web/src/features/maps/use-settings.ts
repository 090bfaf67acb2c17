import { useCallback, useEffect, useMemo, useRef } from "react";
import type { Settings } from "@/shared/panels/panel";
import { undo } from "@/shared/undo/undo";
import { type MapLayer, type MapSettings, readSettings } from "./model";

let last = 0;

/** A map's settings, and ways to change them: layers with undo, where and how one looks without. */
export function useMapSettings(given: Settings, onSettings: (next: Settings) => void) {
  const settings = useMemo(() => readSettings(given), [given]);
  // Equal layers stay the same list while the view moves.
  const layersText = JSON.stringify(settings.layers);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is what the list is made of
  const layers = useMemo(() => settings.layers, [layersText]);
  const now = useRef<{ settings: MapSettings; save: (next: MapSettings) => void }>(undefined);
  now.current = { settings, save: (next) => onSettings({ ...next }) };
  const name = useRef(`map-${++last}`);

  const put = useCallback((part: Partial<MapSettings>) => {
    const { current } = now;
    if (!current) return;
    // Two changes in one go must not overwrite each other.
    current.settings = { ...current.settings, ...part };
    current.save(current.settings);
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

  return { settings: { ...settings, layers }, change, look: put };
}
