import { X } from "lucide-react";
import { sentence } from "@/shared/api/problem";
import { plural } from "@/shared/lib/format";
import { type Selection, select } from "@/shared/selection/selection";
import type { Figure } from "../build";
import type { ElementState } from "../data/use-loaded";
import { thinnedWords } from "../data/words";
import type { PlotSpec } from "../spec";

interface Props {
  project: string;
  spec: PlotSpec;
  states: ReadonlyMap<string, ElementState>;
  figure: Figure;
  picked: Selection["rows"];
}

/** What the picture does not say by itself: what is thinned, missing or left out, and what is picked. */
export function StatusLine({ project, spec, states, figure, picked }: Props) {
  const notes = spec.elements.flatMap(({ id, hidden }) => {
    const state = states.get(id);
    if (hidden || !state) return [];
    const name = figure.drawn.find((drawn) => drawn.id === id)?.name ?? state.structure?.name ?? "An element";
    const left = figure.left.get(id);
    if (state.error !== undefined) return [{ id, tone: "bad", text: `${name}: ${sentence(state.error)}` }];
    if (left) return [{ id, tone: "bad", text: `${name} is left out: ${left}` }];
    if (state.lacks) return [{ id, tone: "bad", text: `${name}: choose a column for ${state.lacks}` }];
    const thinned = state.loaded && thinnedWords(state.loaded);
    return thinned ? [{ id, tone: "plain", text: spec.elements.length > 1 ? `${name} ${thinned}` : thinned }] : [];
  });
  const busy = [...states.values()].some(({ pending }) => pending);
  const count = picked?.rows.length ?? 0;
  const ours = picked !== undefined && figure.drawn.some(({ data }) => data === picked.data);
  const empty = notes.length === 0 && !busy && !(ours && count > 0);
  return (
    <div
      role="status"
      className={`flex flex-wrap items-center gap-x-4 px-3 text-sm ${empty ? "" : "min-h-8 border-t border-line py-0.5"}`}
    >
      {notes.map(({ id, tone, text }) => (
        <span key={id} className={tone === "bad" ? "text-danger" : "text-muted"}>
          {text}
        </span>
      ))}
      {busy && <span className="text-muted">Loading…</span>}
      {ours && count > 0 && (
        <span className="flex items-center gap-1">
          {plural(count, "row")} picked
          <button
            type="button"
            className="rounded p-1 hover:bg-hover"
            aria-label="Pick no rows"
            onClick={() => select(project, { rows: undefined })}
          >
            <X aria-hidden className="size-4" />
          </button>
        </span>
      )}
    </div>
  );
}
