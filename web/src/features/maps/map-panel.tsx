import "./map.css";
import { useQueryClient } from "@tanstack/react-query";
import { Map as MapIcon } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { type Action, useActions } from "@/shared/actions/actions";
import { plural } from "@/shared/lib/format";
import { saveAs } from "@/shared/lib/save";
import { type PanelProps, usePanelMenu, usePanelTitle } from "@/shared/panels/panel";
import { select, useSelection } from "@/shared/selection/selection";
import { Button } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { Skeleton } from "@/shared/ui/skeleton";
import { toast } from "@/shared/ui/toast";
import { AddLayer } from "./add-layer";
import { RowCard } from "./card";
import type { Listener, MapEngine } from "./engine";
import { around, boundsOf, type Entry, legendOf, marksOf, useDrawn, useEntries } from "./entries";
import { mapPicture } from "./export";
import { LayerList } from "./layer-list";
import { Legends } from "./legend";
import { type Box, moved, newLayer, type View } from "./model";
import { usualKind } from "./plan";
import { PointsInView } from "./points-in-view";
import { sourceQuery } from "./queries";
import { ringsOf } from "./rings";
import { neighbour, rowsIn } from "./rows";
import { SelectForm } from "./select-form";
import { StaticMap } from "./static-map";
import { MapTables } from "./tables";
import { Toolbar } from "./toolbar";
import { Credit, Readout, ScaleLine, ZoomButtons } from "./trim";
import { useFigure } from "./use-figure";
import { useMapSettings } from "./use-settings";

const MapCanvas = lazy(() => import("./map-canvas"));

/** Whether this browser draws with WebGL; without it MapLibre can't start. */
function hasWebGl(): boolean {
  try {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("webgl2");
    context?.getExtension("WEBGL_lose_context")?.loseContext();
    return context !== null;
  } catch {
    return false;
  }
}

/** More rows are not ringed: the map would be nothing but rings. */
const RINGS = 20_000;

export default function MapPanel(props: PanelProps) {
  const { project, settings: given, onSettings } = props;
  const { settings, change, look, saved } = useMapSettings(project.name, given, onSettings);
  const figure = useFigure(props, settings, saved);
  const entries = useEntries(settings.layers);
  const drawn = useDrawn(entries);
  const client = useQueryClient();
  const { rows: selection, data: chosen } = useSelection(project.id);
  const engine = useRef<MapEngine>(null);
  const root = useRef<HTMLDivElement>(null);
  const [box, setBox] = useState<Box | null>(null);
  const [camera, setCamera] = useState<View>();
  const [pointer, setPointer] = useState<{ lon: number; lat: number } | null>(null);
  const [asTable, setAsTable] = useState(false);
  const [open, setOpen] = useState<string>();
  const [webgl] = useState(hasWebGl);
  usePanelTitle(saved.figure?.name ?? (settings.layers.length === 1 ? `Map: ${settings.layers[0]?.name}` : undefined));

  // The rows that all panels look at, as far as they are on this map.
  const selected = useMemo(
    () => (selection ? { data: selection.data, rows: new Set(selection.rows) } : null),
    [selection],
  );
  const pickable = entries.filter((entry) => entry.layer.visible && marksOf(entry));
  const mine = pickable.filter(({ source }) => source?.id === selection?.data);
  const ofSelection = mine.find(({ layer }) => layer.id === open) ?? mine.at(-1);
  const pickedRow = selection?.rows.length === 1 ? selection.rows[0] : undefined;
  const active = pickable.find(({ layer }) => layer.id === open) ?? ofSelection ?? pickable.at(-1);
  const marks = ofSelection && marksOf(ofSelection);
  const width = ofSelection?.layer.width ?? 4;
  const rings = useMemo(
    () => ringsOf(marks ?? null, pickedRow === undefined ? (selection?.rows.slice(0, RINGS) ?? []) : [], width),
    [marks, selection, pickedRow, width],
  );
  const ringPicked = useMemo(
    () => ringsOf(marks ?? null, pickedRow === undefined ? [] : [pickedRow], width),
    [marks, pickedRow, width],
  );

  const pick = (entry: Entry, row: number) => {
    const data = entry.source?.id;
    if (data) select(project.id, { data, rows: { data, rows: [row] } });
  };
  const unpick = () => select(project.id, { rows: undefined });
  const choose = (entry: Entry, rows: number[]) => {
    const data = entry.source?.id;
    if (!data) return;
    select(project.id, { data, rows: { data, rows } });
    toast.done(`${plural(rows.length, "row")} of ${entry.layer.name} selected`);
  };
  const chooseIn = (area: Box) => {
    const entry = active;
    const there = entry && marksOf(entry);
    if (entry && there) choose(entry, rowsIn(there, area));
  };
  const step = (by: 1 | -1) => {
    const there = active && marksOf(active);
    if (!active || !there) return;
    const from = active === ofSelection ? pickedRow : undefined;
    const row = neighbour(there, box ?? [-180, -90, 180, 90], from, by);
    if (row === null) return;
    engine.current?.reveal(there.lon[row] as number, there.lat[row] as number);
    pick(active, row);
  };
  const fitAll = () => {
    const all = around(entries.filter(({ layer }) => layer.visible).map(boundsOf));
    if (all) engine.current?.fit(all);
  };

  async function add(id: string, known?: string) {
    try {
      const source = await client.fetchQuery(sourceQuery(id));
      const name = known ?? source.name;
      const layer = newLayer(settings.layers, id, name, usualKind(source));
      fitNext.current = layer.id;
      change(`Adding of ${name}`, (layers) => [...layers, layer]);
      setOpen(layer.id);
    } catch (error) {
      toast.error(error, `${known ?? "It"} can't be put on the map`);
    }
  }

  // A map that was never looked at begins with all of its layers.
  const fresh = useRef(given.view === undefined);
  useEffect(() => {
    if (!fresh.current || !engine.current || entries.length === 0) return;
    if (entries.some((entry) => !entry.drawing && !entry.error && !entry.plan?.need)) return;
    fresh.current = false;
    const all = around(entries.map(boundsOf));
    if (settings.view) engine.current.jump(settings.view);
    else if (all) engine.current.fit(all, true);
  });

  // A new layer is brought into view when it is drawn, unless one looks at something on purpose.
  const fitNext = useRef<string>(undefined);
  useEffect(() => {
    const entry = entries.find(({ layer }) => layer.id === fitNext.current);
    const bounds = entry && boundsOf(entry);
    if (!bounds || !engine.current) return;
    fitNext.current = undefined;
    engine.current.fit(bounds, true);
  });

  // A panel may be opened with data to show, as "Show on map" does.
  const asked = useRef(new Set<string>());
  useEffect(() => {
    const { show } = given;
    if (typeof show !== "string" || asked.current.has(show)) return;
    asked.current.add(show);
    if (settings.layers.some(({ data }) => data === show)) return;
    client.fetchQuery(sourceQuery(show)).then(
      (source) => {
        const layer = newLayer(settings.layers, show, source.name, usualKind(source));
        fitNext.current = layer.id;
        change(`Adding of ${source.name}`, (layers) => [...layers, layer]);
        setOpen(layer.id);
      },
      (error) => toast.error(error, "It can't be put on the map"),
    );
  }, [given, settings.layers, change, client]);

  async function savePicture() {
    const now = engine.current;
    if (!now) return;
    try {
      const style = getComputedStyle(root.current as Element);
      const picture = await mapPicture(await now.picture(), {
        legends: entries
          .filter(({ layer, drawing }) => layer.visible && drawing)
          .map((entry) => ({ name: entry.layer.name, legend: legendOf(entry), colour: entry.layer.colour })),
        zoom: now.map.getZoom(),
        lat: now.map.getCenter().lat,
        colours: { paper: style.backgroundColor, ink: style.color },
      });
      saveAs(picture, `${settings.layers.at(-1)?.name.replace(/\.\w+$/, "") ?? "map"}.png`);
    } catch (error) {
      toast.error(error, "The picture was not saved");
    }
  }

  const doing = useRef({ fitAll, step, savePicture, setAsTable });
  doing.current = { fitAll, step, savePicture, setAsTable };
  const none = settings.layers.length === 0;
  useActions(
    useMemo<Action[]>(
      () => [
        { id: "map.fit", title: "Fit all layers", section: "Map", disabled: none, run: () => doing.current.fitAll() },
        { id: "map.next", title: "Next point", section: "Map", disabled: none, run: () => doing.current.step(1) },
        {
          id: "map.previous",
          title: "Previous point",
          section: "Map",
          disabled: none,
          run: () => doing.current.step(-1),
        },
        {
          id: "map.table",
          title: "Show the map as tables, or as a map",
          section: "Map",
          run: () => doing.current.setAsTable((on) => !on),
        },
        {
          id: "map.picture",
          title: "Save the map as a picture",
          section: "Map",
          disabled: none || !webgl,
          run: () => void doing.current.savePicture(),
        },
      ],
      [none, webgl],
    ),
  );
  usePanelMenu(
    useMemo(
      () => [
        ...figure.items,
        {
          id: "net",
          label: "Meridians and parallels",
          checked: settings.graticule,
          run: () => look({ graticule: !settings.graticule }),
        },
        { id: "picture", label: "Save as PNG", disabled: none || !webgl, run: () => void doing.current.savePicture() },
      ],
      [figure.items, settings.graticule, look, none, webgl],
    ),
  );

  const listener: Omit<Listener, "onFailure"> = {
    onPick: (_place, hit) => {
      const entry = hit && entries.find(({ layer }) => layer.id === hit.layer);
      if (entry) pick(entry, hit.row);
      else if (selection) unpick();
    },
    onBox: chooseIn,
    onPointer: setPointer,
    onView: (view, area) => {
      setBox(area);
      setCamera(view);
      // Until the first layers are there, one looks at nothing in particular.
      if (!fresh.current || (none && !saved.loading)) look({ view });
    },
  };

  const side = settings.side;
  const covered =
    marks != null &&
    pickedRow !== undefined &&
    engine.current?.inCorner(marks.lon[pickedRow] as number, marks.lat[pickedRow] as number);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys that work wherever the focus is in the panel
    <div
      ref={root}
      className="map-view @container flex h-full min-h-0 flex-col bg-surface text-ink"
      onKeyDown={(event) => {
        const field = (event.target as Element).closest("input, select, textarea, [role=menu]");
        if (field || event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === "n" || event.key === "p") step(event.key === "n" ? 1 : -1);
        else if (event.key === "Escape" && selection) unpick();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <Toolbar
        none={none}
        webgl={webgl}
        asTable={asTable}
        side={side}
        onTable={() => setAsTable(!asTable)}
        onSide={() => look({ side: !side })}
        onFit={fitAll}
        onPicture={() => void savePicture()}
        title={saved.figure?.name}
        dirty={saved.figure !== undefined && saved.dirty}
        figures={figure.items}
        add={<AddLayer project={project.name} onAdd={add} />}
        choose={
          <SelectForm
            layer={active?.layer.name}
            box={box}
            count={selection?.rows.length ?? 0}
            onChoose={chooseIn}
            onClear={unpick}
          />
        }
      />
      <div className="relative flex min-h-0 flex-1">
        <div className="relative min-w-0 flex-1 overflow-hidden">
          {asTable ? (
            <MapTables entries={entries} box={webgl ? box : null} selected={selected} onPick={pick} />
          ) : webgl ? (
            <Suspense fallback={<Skeleton className="absolute inset-0" />}>
              <MapCanvas
                ref={engine}
                view={settings.view}
                drawn={drawn}
                net={settings.graticule}
                selected={rings}
                picked={ringPicked}
                listener={listener}
              />
              <ZoomButtons onZoom={(by) => engine.current?.zoom(by)} />
              <div className="pointer-events-none absolute inset-x-2 bottom-2 flex max-h-[calc(100%-6rem)] items-end justify-between gap-2">
                <div className="flex max-h-full flex-col gap-2">
                  <Legends entries={entries} />
                  {camera && <ScaleLine view={camera} />}
                </div>
                <div className="flex flex-col items-end gap-1">
                  <Readout place={pointer} crs={active?.plan?.crs} />
                  <Credit />
                </div>
              </div>
            </Suspense>
          ) : (
            <WithoutWebGl entries={entries} selected={selected} onPick={pick} />
          )}
          {saved.loading && <Skeleton className="absolute inset-0" />}
          {saved.error !== undefined && (
            <div className="absolute inset-x-4 top-4">
              <Failure error={saved.error} retry={saved.retry} />
            </div>
          )}
          {none && !asTable && !saved.id && typeof given.show !== "string" && (
            <div className="absolute inset-0 grid place-items-center overflow-auto p-4">
              <Empty
                icon={MapIcon}
                title="Nothing on the map yet"
                action={
                  <div className="flex flex-wrap justify-center gap-2">
                    <AddLayer project={project.name} onAdd={add} primary />
                    {chosen && <Button onClick={() => void add(chosen)}>Show what is selected</Button>}
                  </div>
                }
              >
                Put survey points, lines, grids or GeoJSON of this project on the map.
              </Empty>
            </div>
          )}
          {!asTable && ofSelection && pickedRow !== undefined && (
            <div
              className={`absolute top-2 flex max-h-[55%] max-w-[calc(100%-4rem)] ${covered ? "left-14" : "right-2"}`}
            >
              <RowCard entry={ofSelection} row={pickedRow} onStep={step} onClose={unpick} />
            </div>
          )}
        </div>
        {side && !none && (
          <aside
            aria-label="Layers and points"
            className="w-72 shrink-0 space-y-3 overflow-y-auto border-l border-line bg-page p-2 @max-2xl:absolute @max-2xl:inset-y-0 @max-2xl:right-0 @max-2xl:z-10 @max-2xl:max-w-full @max-2xl:shadow-lg"
          >
            <LayerList
              entries={entries}
              open={open}
              onOpen={setOpen}
              onChange={(id, part, title) =>
                change(
                  title,
                  (layers) => layers.map((layer) => (layer.id === id ? { ...layer, ...part } : layer)),
                  `${id}:${Object.keys(part).join()}`,
                )
              }
              onMove={(id, by) => change("Order of layers", (layers) => moved(layers, id, by))}
              onRemove={(id) => {
                const name = settings.layers.find((layer) => layer.id === id)?.name ?? "a layer";
                change(`Removal of ${name}`, (layers) => layers.filter((layer) => layer.id !== id));
              }}
              onZoom={(entry) => {
                const bounds = boundsOf(entry);
                if (bounds) engine.current?.fit(bounds);
              }}
            />
            {active && (
              <PointsInView
                entry={active}
                box={box}
                picked={active === ofSelection ? pickedRow : undefined}
                onPick={(row) => pick(active, row)}
              />
            )}
          </aside>
        )}
      </div>
      {figure.dialog}
      <p role="status" className="sr-only">
        {pickedRow !== undefined && ofSelection ? `Row ${pickedRow + 1} of ${ofSelection.layer.name}` : ""}
      </p>
    </div>
  );
}

function WithoutWebGl(props: {
  entries: readonly Entry[];
  selected: { data: string; rows: ReadonlySet<number> } | null;
  onPick: (entry: Entry, row: number) => void;
}) {
  return (
    <div className="flex h-full flex-col">
      <p role="status" className="border-b border-line bg-warn-soft px-3 py-1.5 text-sm text-warn">
        This browser offers no WebGL, so the map stands still: a picture, with its numbers below.
      </p>
      <div className="relative min-h-48 flex-1">
        <StaticMap {...props} />
        <div className="absolute right-2 bottom-2">
          <Credit />
        </div>
      </div>
      <div className="h-2/5 border-t border-line">
        <MapTables {...props} box={null} />
      </div>
    </div>
  );
}
