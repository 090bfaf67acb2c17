import { useQueryClient } from "@tanstack/react-query";
import { ChartSpline, Plus, Settings2, Sheet } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useActions } from "@/shared/actions/actions";
import { type PanelProps, usePanelMenu, usePanelTitle } from "@/shared/panels/panel";
import { select, useSelection } from "@/shared/selection/selection";
import { Button } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { Skeleton } from "@/shared/ui/skeleton";
import { toast } from "@/shared/ui/toast";
import { brushed } from "../brush";
import { build, described, type Figure, type View } from "../build";
import type { Brush } from "../canvas";
import { structureQuery } from "../data/structure";
import { useLoaded } from "../data/use-loaded";
import { useFigureActions } from "../figures/use-figure-actions";
import { guessElement } from "../guess";
import { freeColor, freshId, sourceKey } from "../spec";
import { SERIES, useTheme } from "../theme";
import { DataPicker } from "./data-picker";
import { useExports } from "./exports";
import { SetUp } from "./set-up";
import { StatusLine } from "./status-line";
import { TableView } from "./table-view";
import { type Drag, ToolBar } from "./tool-bar";
import { usePlot } from "./use-plot";
import { useWidth } from "./use-width";
import { zoomTo } from "./zoom";

const PlotCanvas = lazy(() => import("../canvas"));

/** After the last movement of the wheel or the mouse. */
const SETTLE = 250;

/** A plot that is put together here: what is drawn, of which data, on which axes. */
export function PlotView(props: PanelProps) {
  const { project, settings, onSettings } = props;
  const plot = usePlot(props);
  const { spec, change } = plot;
  const theme = useTheme();
  const client = useQueryClient();
  const { rows: picked, data: active } = useSelection(project.id);
  const [frame, width] = useWidth();
  const [view, setView] = useState<View>({});
  const [picking, setPicking] = useState<{ replace?: string } | null>(null);
  const [opened, setOpened] = useState<string>();
  const [drag, setDrag] = useState<Drag>("zoom");
  const shown = useRef<Figure | null>(null);

  const states = useLoaded(project.name, spec, width, {
    view,
    axes: shown.current?.axes ?? [],
    places: new Map((shown.current?.drawn ?? []).map(({ id, axes }) => [id, axes])),
  });
  const figure = useMemo(() => {
    const loaded = new Map([...states].flatMap(([id, state]) => (state.loaded ? [[id, state.loaded]] : [])));
    return build(spec, loaded, { theme, picked, view });
  }, [spec, states, theme, picked, view]);
  shown.current = figure;
  const drawable = useMemo(
    () => ({ traces: figure.traces, layout: { ...figure.layout, dragmode: drag } }),
    [figure, drag],
  );

  const settle = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(settle.current), []);
  const onZoom = useCallback((ranges: Readonly<Record<string, readonly [unknown, unknown] | null>>) => {
    clearTimeout(settle.current);
    settle.current = setTimeout(() => {
      const now = shown.current;
      if (now) setView((before) => zoomTo(before, ranges, now));
    }, SETTLE);
  }, []);
  const onBrush = useCallback(
    (brush: Brush | null) => {
      const now = shown.current;
      select(project.id, { rows: brush && now ? brushed(brush, now) : undefined });
    },
    [project.id],
  );

  async function pick(id: string) {
    const replace = picking?.replace;
    setPicking(null);
    try {
      const structure = await client.fetchQuery(structureQuery(id));
      if (structure.kind === "none") throw new Error(`${structure.name} has neither columns nor a grid`);
      const own = replace ?? freshId(spec.elements.map((element) => element.id));
      const fresh = guessElement(structure, { data: id }, own, freeColor(spec, SERIES));
      if (!replace) change(`Adding of ${structure.name}`, { ...spec, elements: [...spec.elements, fresh] });
      else {
        plot.changeElement(`Change of the data to ${structure.name}`, replace, (element) => {
          const kept = Object.values(element.columns).every((name) =>
            structure.fields.some((field) => field.name === name),
          );
          return kept && structure.kind === "table"
            ? { ...element, source: fresh.source }
            : { ...fresh, color: element.color ?? fresh.color ?? 0 };
        });
      }
      setOpened(own);
      if (settings.setUp === false) onSettings({ ...settings, setUp: true });
    } catch (error) {
      toast.error(error, "It can't be drawn");
    }
  }

  const setUp = settings.setUp !== false;
  const table = settings.table === true;
  const toggle = useCallback(
    (key: "setUp" | "table", value: boolean) => onSettings({ ...settings, [key]: value }),
    [onSettings, settings],
  );
  const figures = useFigureActions(props, plot);
  const exports = useExports(props, plot, figure, states);
  const title = figures.name ?? spec.title;
  usePanelTitle(title);
  const items = useMemo(
    () => [
      { id: "add", label: "Add data…", icon: Plus, run: () => setPicking({}) },
      { id: "set-up", label: "Set up", icon: Settings2, checked: setUp, run: () => toggle("setUp", !setUp) },
      { id: "table", label: "Show as table", icon: Sheet, checked: table, run: () => toggle("table", !table) },
      ...figures.items,
      ...exports.items,
    ],
    [setUp, table, toggle, figures.items, exports.items],
  );
  usePanelMenu(items);
  useActions(
    useMemo(
      () =>
        items.map(({ id, label, icon, run }) => ({
          id: `plot.${id}`,
          title: label,
          section: "Plot",
          ...(icon && { icon }),
          run,
        })),
      [items],
    ),
  );

  const label = `${title ? `${title}. ` : ""}${described(figure)}`;
  const pending = plot.starting || (plot.figure !== undefined && plot.saved.isPending);
  const failure = plot.saved.error ?? plot.startError;
  return (
    <div className="@container flex h-full min-h-0 flex-col bg-surface">
      <ToolBar
        title={title}
        dirty={plot.dirty}
        setUp={setUp}
        table={table}
        drag={drag}
        onDrag={setDrag}
        onAdd={() => setPicking({})}
        onToggle={toggle}
        figures={figures.items}
        exports={exports.items}
      />
      <div className="flex min-h-0 flex-1 flex-col @2xl:flex-row">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          <div ref={frame} className="min-h-0 flex-1 overflow-auto p-1">
            {failure && !pending ? (
              <Failure error={failure} />
            ) : pending ? (
              <Skeleton className="size-full" />
            ) : spec.elements.length === 0 ? (
              <Empty
                icon={ChartSpline}
                title="Nothing is drawn yet"
                action={
                  <div className="flex flex-wrap justify-center gap-2">
                    <Button look="primary" onClick={() => setPicking({})}>
                      Choose data
                    </Button>
                    {active && <Button onClick={() => void pick(active)}>Draw what is selected</Button>}
                  </div>
                }
              >
                Tables and grids of the project become lines, points, bars, maps of colours or spectra. Columns with the
                same kind of unit share an axis.
              </Empty>
            ) : table ? (
              <TableView project={project.id} figure={figure} picked={picked} />
            ) : figure.drawn.length === 0 && [...states.values()].some(({ pending }) => pending) ? (
              <Skeleton className="size-full" />
            ) : (
              <Suspense fallback={<Skeleton className="size-full" />}>
                <PlotCanvas
                  drawable={drawable}
                  label={label}
                  className="size-full min-h-40"
                  onZoom={onZoom}
                  onBrush={onBrush}
                />
              </Suspense>
            )}
          </div>
          <StatusLine project={project.id} spec={spec} states={states} figure={figure} picked={picked} />
        </div>
        {setUp && spec.elements.length > 0 && (
          <SetUp
            project={project}
            plot={plot}
            states={states}
            figure={figure}
            opened={opened}
            onOpen={setOpened}
            onAdd={() => setPicking({})}
            onReplace={(id) => setPicking({ replace: id })}
          />
        )}
      </div>
      {picking && (
        <DataPicker
          project={project.name}
          used={spec.elements.flatMap(({ source }) => (source ? [sourceKey(source)] : []))}
          onPick={(id) => void pick(id)}
          onClose={() => setPicking(null)}
        />
      )}
      {figures.dialog}
      {exports.dialog}
    </div>
  );
}
