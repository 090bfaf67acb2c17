import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ChartSpline } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { buttonClass } from "@/shared/ui/button";
import { Failure } from "@/shared/ui/failure";
import { inputClass } from "@/shared/ui/field";
import { Skeleton } from "@/shared/ui/skeleton";
import { build, described, type Loaded } from "./build";
import type { Field } from "./data/structure";
import { structureQuery } from "./data/structure";
import { useLoaded } from "./data/use-loaded";
import { thinnedWords } from "./data/words";
import { guessElement } from "./guess";
import { emptySpec, type PlotSpec } from "./spec";
import { useTheme } from "./theme";
import { useWidth } from "./view/use-width";
import { bare } from "./words";

const PlotCanvas = lazy(() => import("./canvas"));

interface Props {
  /** An upload or dataset. */
  id: string;
}

interface Choice {
  x: string | undefined;
  ys: readonly string[];
}

/** One table as lines or one grid as colours, with the few choices one needs at a first look; drawn like any plot. */
export function LinePlot({ id }: Props) {
  const { project } = useParams({ strict: false });
  const structure = useQuery(structureQuery(id));
  const [chosen, setChosen] = useState<Choice>();
  const [logarithmic, setLogarithmic] = useState(false);
  const [frame, width] = useWidth();
  const theme = useTheme();

  const guess = useMemo(
    () =>
      structure.data && structure.data.kind !== "none" ? guessElement(structure.data, { data: id }, "e1", 0) : null,
    [structure.data, id],
  );
  const choice = useMemo(
    (): Choice => chosen ?? { x: guess?.columns.x, ys: guess?.columns.y ? [guess.columns.y] : [] },
    [chosen, guess],
  );
  const spec = useMemo((): PlotSpec => {
    if (!guess) return emptySpec;
    const elements =
      structure.data?.kind === "grid"
        ? [guess]
        : choice.ys.map((y, at) => ({
            ...guess,
            kind: "line",
            id: `e${at + 1}`,
            color: at,
            columns: { ...(choice.x && { x: choice.x }), y },
          }));
    const scale = logarithmic ? ("log" as const) : ("linear" as const);
    return { ...emptySpec, elements, axes: { y: { scale }, y2: { scale }, y3: { scale } } };
  }, [guess, choice, logarithmic, structure.data]);
  const states = useLoaded(project ?? "", spec, width, { view: {}, axes: [], places: new Map() });
  const figure = useMemo(() => {
    const loaded = [...states].flatMap(([key, state]): [string, Loaded][] =>
      state.loaded ? [[key, state.loaded]] : [],
    );
    return build(spec, new Map(loaded), { theme });
  }, [spec, states, theme]);

  if (structure.isPending) return <Skeleton className="h-[32rem] w-full" />;
  if (structure.isError) return <Failure error={structure.error} retry={() => void structure.refetch()} />;
  if (!guess) return <p className="text-muted">It has no two columns of numbers to draw.</p>;
  const error = [...states.values()].find((state) => state.error !== undefined)?.error;
  const first = [...states.values()].find(({ loaded }) => loaded)?.loaded;
  const notes = [...new Set([first && thinnedWords(first), ...figure.left.values()])].filter(Boolean);
  return (
    <div className="card space-y-3 p-3">
      <div className="flex flex-wrap items-end gap-x-5 gap-y-2">
        {structure.data.kind === "table" && (
          <Choices
            fields={structure.data.fields}
            choice={choice}
            onChoose={setChosen}
            logarithmic={logarithmic}
            onLogarithmic={setLogarithmic}
          />
        )}
        <div className="flex-1" />
        {project && (
          <Link
            className={buttonClass("quiet")}
            to="/projects/$project/figures/$figure"
            params={{ project, figure: "new" }}
            search={{ data: id }}
          >
            <ChartSpline aria-hidden className="size-4" />
            Open as a plot
          </Link>
        )}
      </div>
      <div ref={frame} className="h-[26rem]">
        {error !== undefined ? (
          <Failure error={error} />
        ) : figure.drawn.length === 0 ? (
          <Skeleton className="size-full" />
        ) : (
          <Suspense fallback={<Skeleton className="size-full" />}>
            <PlotCanvas
              drawable={figure}
              label={`${described(figure)}, from ${structure.data.name}`}
              className="size-full"
            />
          </Suspense>
        )}
      </div>
      {notes.length > 0 && <p className="text-sm text-muted">{notes.join("; ")}</p>}
    </div>
  );
}

interface ChoicesProps {
  fields: readonly Field[];
  choice: Choice;
  onChoose: (choice: Choice) => void;
  logarithmic: boolean;
  onLogarithmic: (value: boolean) => void;
}

function Choices({ fields, choice, onChoose, logarithmic, onLogarithmic }: ChoicesProps) {
  const { x, ys } = choice;
  const box = "size-4 accent-accent";
  return (
    <>
      <label className="text-sm text-muted">
        Over
        <select
          className={`${inputClass} text-ink`}
          value={x ?? ""}
          onChange={({ target }) =>
            onChoose({ x: target.value || undefined, ys: ys.filter((y) => y !== target.value) })
          }
        >
          <option value="">Row number</option>
          {fields
            .filter(({ type }) => type !== "other")
            .map(({ name, unit }) => (
              <option key={name} value={name}>
                {bare(name, unit)}
              </option>
            ))}
        </select>
      </label>
      <fieldset className="flex flex-wrap items-center gap-x-4">
        <legend className="text-sm text-muted">Lines</legend>
        {fields
          .filter(({ name, type }) => type === "number" && name !== x)
          .map(({ name, unit }) => (
            <label key={name} className="flex min-h-9 items-center gap-1.5 text-sm">
              <input
                type="checkbox"
                className={box}
                checked={ys.includes(name)}
                onChange={() => onChoose({ x, ys: ys.includes(name) ? ys.filter((y) => y !== name) : [...ys, name] })}
              />
              {bare(name, unit)}
            </label>
          ))}
      </fieldset>
      <label className="flex min-h-9 items-center gap-1.5 text-sm">
        <input
          type="checkbox"
          className={box}
          checked={logarithmic}
          onChange={({ target }) => onLogarithmic(target.checked)}
        />
        Logarithmic
      </label>
    </>
  );
}
