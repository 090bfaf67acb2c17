// The plot of a panel: its description and every change of it, which can be taken back.

import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef } from "react";
import type { PanelProps, Settings } from "@/shared/panels/panel";
import { type Change, undo } from "@/shared/undo/undo";
import { structureQuery } from "../data/structure";
import { figureQuery } from "../figures/queries";
import { guessElement } from "../guess";
import { type ElementSpec, emptySpec, type PlotSpec, parseSpec } from "../spec";

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

/** What a layout or an address keeps of a plot; with `spec`, what is not saved. */
function read(settings: Settings) {
  return {
    /** The saved figure that is shown. */
    figure: text(settings.figure),
    /** The revision on which the draft is based. */
    base: Number.isInteger(settings.base) ? Number(settings.base) : undefined,
    /** Data to begin with. */
    data: text(settings.data),
  };
}

export function usePlot({ project, settings, onSettings }: PanelProps) {
  const { figure, base, data } = read(settings);
  const draft = useMemo(() => parseSpec(settings.spec), [settings.spec]);
  const saved = useQuery({ ...figureQuery(project.name, figure ?? ""), enabled: figure !== undefined });
  const first = useQuery({ ...structureQuery(data ?? ""), enabled: data !== undefined && !figure && !draft });

  const spec = useMemo((): PlotSpec => {
    if (draft) return draft;
    const kept = figure ? parseSpec(saved.data?.spec) : null;
    if (kept) return kept;
    if (figure || !first.data || first.data.kind === "none") return emptySpec;
    return { ...emptySpec, elements: [guessElement(first.data, { data: first.data.id }, "e1", 0)] };
  }, [draft, figure, saved.data, first.data]);

  const now = useRef({ settings, onSettings, spec, revision: saved.data?.revision });
  now.current = { settings, onSettings, spec, revision: saved.data?.revision };
  const mine = useRef(new Set<Change>());
  useEffect(() => {
    const own = mine.current;
    // What is no longer shown can't be seen to change back.
    return () => undo.forget((change) => own.has(change));
  }, []);

  /** Changes the plot. `merge` for what changes with each key or step. */
  const change = useCallback((title: string, next: PlotSpec, merge?: string) => {
    const { settings: before, revision } = now.current;
    const after: Settings = { ...before, spec: next };
    // The draft goes on from the revision that was seen when it began.
    if (after.figure !== undefined && after.base === undefined && revision !== undefined) after.base = revision;
    const put = (value: Settings) => now.current.onSettings(value);
    const noted: Change = {
      title,
      undo: () => put(before),
      redo: () => put(after),
      ...(merge && { merge: `plot ${merge}` }),
    };
    mine.current.add(noted);
    undo.did(noted);
    put(after);
  }, []);

  const changeElement = useCallback(
    (title: string, id: string, edit: (element: ElementSpec) => ElementSpec, merge?: string) => {
      const { spec: current } = now.current;
      const elements = current.elements.map((element) => (element.id === id ? edit(element) : element));
      change(title, { ...current, elements }, merge && `${id} ${merge}`);
    },
    [change],
  );

  return {
    spec,
    change,
    changeElement,
    figure,
    saved,
    base,
    dirty: draft !== null && JSON.stringify(draft) !== JSON.stringify(parseSpec(saved.data?.spec)),
    starting: first.isLoading,
    startError: first.error,
  };
}

export type Plot = ReturnType<typeof usePlot>;
