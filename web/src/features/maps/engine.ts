// MapLibre behind a narrow door: it is given prepared layers and tells what is pointed at. The only module that
// imports it, so that it is a chunk of its own.

import "maplibre-gl/dist/maplibre-gl.css";
import type { FeatureCollection } from "geojson";
import {
  type CanvasSourceSpecification,
  type GeoJSONSource,
  type LayerSpecification,
  Map as MapLibre,
  type MapMouseEvent,
  setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { Box, View } from "./model";
import { net, world } from "./world";

setWorkerUrl(new URL(workerUrl, document.baseURI).href);

/** The ground's colours, resolved for the theme that is on. */
export interface Ground {
  water: string;
  land: string;
  border: string;
  net: string;
  ink: string;
  halo: string;
  mark: string;
}

/** How marks, lines and areas are coloured: by the feature's `v` along a scale, or all alike. */
export interface Paint {
  stops: readonly string[] | null;
  range: readonly [number, number];
  colour: string;
  width: number;
  /** The range of `s`, where the size of marks follows a column. */
  sizes: readonly [number, number] | null;
  opacity: number;
}

export type Drawn = { id: string; visible: boolean; opacity: number } & (
  | { kind: "marks" | "lines" | "shapes" | "contours"; features: FeatureCollection; paint: Paint }
  | { kind: "raster"; smooth: boolean; pictures: { bounds: Box; canvas: HTMLCanvasElement }[] }
);

export interface Listener {
  /** A click: the layer and row that were hit, if any. */
  onPick: (place: { lon: number; lat: number }, hit: { layer: string; row: number } | null) => void;
  /** A frame drawn with Shift held. */
  onBox: (box: Box) => void;
  onPointer: (place: { lon: number; lat: number } | null) => void;
  /** The view has come to rest. */
  onView: (view: View, box: Box) => void;
  /** It can't go on. */
  onFailure: (error: Error) => void;
}

const NOTHING: FeatureCollection = { type: "FeatureCollection", features: [] };
/** The detail that shows from here on. */
const FINE_FROM = 3.2;
const REACH = 5;

type Expression = unknown[];
type Sublayer = LayerSpecification & {
  source: string;
  paint: Record<string, unknown>;
  layout?: Record<string, unknown>;
};

export class MapEngine {
  readonly map: MapLibre;
  readonly #listener: Listener;
  readonly #container: HTMLElement;
  #ready: Promise<void>;
  #ground: Ground;
  #drawn: readonly Drawn[] = [];
  /** What each source was given last, to set only what is new. */
  #given = new Map<string, unknown>();
  #fine = false;
  #gone = false;
  #net = true;

  constructor(container: HTMLElement, view: View | undefined, ground: Ground, listener: Listener) {
    this.#container = container;
    this.#listener = listener;
    this.#ground = ground;
    this.map = new MapLibre({
      container,
      style: groundStyle(ground),
      center: view ? [view.lon, view.lat] : [0, 20],
      zoom: view?.zoom ?? 0.6,
      minZoom: 0,
      maxZoom: 22,
      attributionControl: false,
      // Shift and dragging choose rows here.
      boxZoom: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      refreshExpiredTiles: false,
      locale: { "Map.Title": "Map. Arrow keys move it, plus and minus zoom, N and P go from point to point." },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.#ready = new Promise((resolve) => this.map.once("load", () => resolve()));
    this.map.on("error", ({ error }) => listener.onFailure(new Error(error.message)));
    this.map.on("click", (event) => this.#click(event));
    this.map.on("mousemove", ({ lngLat }) => listener.onPointer({ lon: lngLat.lng, lat: lngLat.lat }));
    this.map.on("mouseout", () => listener.onPointer(null));
    this.map.on("moveend", () => this.#rested());
    this.#boxes();
    void this.#ready.then(() => {
      if (this.#gone) return;
      void this.#land("coarse");
      this.#rested();
    });
  }

  destroy(): void {
    this.#gone = true;
    this.map.remove();
  }

  /** Resolves when all that was given is on the screen. */
  async settled(): Promise<void> {
    await this.#ready;
    if (!this.map.loaded() || this.map.isMoving()) await new Promise((resolve) => this.map.once("idle", resolve));
  }

  async setGround(ground: Ground): Promise<void> {
    this.#ground = ground;
    await this.#ready;
    if (this.#gone) return;
    for (const layer of groundStyle(ground).layers) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        this.map.setPaintProperty(layer.id, name as never, value as never);
      }
    }
    this.#sync();
  }

  async setNet(shown: boolean): Promise<void> {
    this.#net = shown;
    await this.#ready;
    if (!this.#gone) this.#drawNet();
  }

  /** The layers from the lowest to the highest. */
  async setLayers(drawn: readonly Drawn[]): Promise<void> {
    this.#drawn = drawn;
    await this.#ready;
    if (!this.#gone) this.#sync();
  }

  /** Rings around rows: those selected, and the one that is looked at. */
  async setRings(selected: FeatureCollection, picked: FeatureCollection): Promise<void> {
    await this.#ready;
    if (this.#gone) return;
    this.map.getSource<GeoJSONSource>("selected")?.setData(selected);
    this.map.getSource<GeoJSONSource>("picked")?.setData(picked);
  }

  fit(box: Box, calm = false): void {
    const [west, south, east, north] = box;
    // A single point has no extent: it is shown with some ground around it.
    const [dx, dy] = [Math.max(0, 0.005 - (east - west)) / 2, Math.max(0, 0.005 - (north - south)) / 2];
    this.map.fitBounds(
      [
        [west - dx, Math.max(-84, south - dy)],
        [east + dx, Math.min(84, north + dy)],
      ],
      {
        padding: 40,
        maxZoom: 17,
        animate: !calm && !matchMedia("(prefers-reduced-motion: reduce)").matches,
        duration: 500,
      },
    );
  }

  jump({ lon, lat, zoom }: View): void {
    this.map.jumpTo({ center: [lon, lat], zoom });
  }

  /** Brings a place into view when it is not in it. */
  reveal(lon: number, lat: number): void {
    const bounds = this.map.getBounds();
    if (!bounds.contains([lon, lat])) this.map.jumpTo({ center: [lon, lat] });
  }

  /** Whether a place lies in the upper right of the map, where a card would cover it. */
  inCorner(lon: number, lat: number): boolean {
    const { x, y } = this.map.project([lon, lat]);
    const { clientWidth, clientHeight } = this.#container;
    return x > clientWidth - 320 && y < 0.6 * clientHeight;
  }

  zoom(by: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + by, duration: 200 });
  }

  box(): Box {
    const bounds = this.map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  /** The map's picture as it is now. */
  picture(): Promise<HTMLCanvasElement> {
    return new Promise((resolve) => {
      // The drawing is only there until the browser has shown it.
      this.map.once("render", () => {
        const source = this.map.getCanvas();
        const copy = document.createElement("canvas");
        copy.width = source.width;
        copy.height = source.height;
        copy.getContext("2d")?.drawImage(source, 0, 0);
        resolve(copy);
      });
      this.map.triggerRepaint();
    });
  }

  // -- Ground --

  async #land(detail: "coarse" | "fine"): Promise<void> {
    try {
      const { land, borders } = await world(detail);
      if (this.#gone) return;
      this.map.getSource<GeoJSONSource>("land")?.setData(land);
      this.map.getSource<GeoJSONSource>("borders")?.setData(borders);
    } catch (error) {
      // The data can be looked at without the ground.
      console.warn(error);
      if (detail === "fine") this.#fine = false;
    }
  }

  #rested(): void {
    const centre = this.map.getCenter();
    const zoom = this.map.getZoom();
    if (zoom >= FINE_FROM && !this.#fine) {
      this.#fine = true;
      void this.#land("fine");
    }
    this.#drawNet();
    this.#listener.onView({ lon: centre.lng, lat: centre.lat, zoom }, this.box());
  }

  #drawNet(): void {
    this.map.getSource<GeoJSONSource>("net")?.setData(this.#net ? net(this.box()) : NOTHING);
  }

  // -- Layers --

  #sync(): void {
    const wanted = new Map<string, Sublayer>();
    const sources = new Set<string>();
    for (const layer of this.#drawn) {
      for (const [id, data] of sourcesOf(layer)) {
        sources.add(id);
        this.#give(id, data);
      }
      for (const sublayer of sublayersOf(layer, this.#ground)) wanted.set(sublayer.id, sublayer);
    }
    for (const id of this.map.getLayersOrder()) {
      if (id.startsWith("data:") && !wanted.has(id)) this.map.removeLayer(id);
    }
    for (const id of [...this.#given.keys()]) {
      if (sources.has(id)) continue;
      this.map.removeSource(id);
      this.#given.delete(id);
    }
    for (const sublayer of wanted.values()) this.#put(sublayer);
    const order = this.map.getLayersOrder().filter((id) => id.startsWith("data:"));
    const right = [...wanted.keys()];
    if (order.join() !== right.join()) for (const id of right) this.map.moveLayer(id, "selected-halo");
  }

  #give(id: string, data: FeatureCollection | { bounds: Box; canvas: HTMLCanvasElement }): void {
    if (this.#given.get(id) === data && this.map.getSource(id)) return;
    const there = this.map.getSource(id);
    if ("canvas" in data) {
      // A canvas that stands still is read once; a new one needs a new source.
      if (there) {
        for (const layer of this.map.getLayersOrder()) {
          if (this.map.getLayer(layer)?.source === id) this.map.removeLayer(layer);
        }
        this.map.removeSource(id);
      }
      const [west, south, east, north] = data.bounds;
      const coordinates: CanvasSourceSpecification["coordinates"] = [
        [west, north],
        [east, north],
        [east, south],
        [west, south],
      ];
      this.map.addSource(id, { type: "canvas", canvas: data.canvas, animate: false, coordinates } as never);
    } else if (there) (there as GeoJSONSource).setData(data);
    else this.map.addSource(id, { type: "geojson", data, tolerance: 0.2, buffer: 32 });
    this.#given.set(id, data);
  }

  #put(wanted: Sublayer): void {
    if (!this.map.getLayer(wanted.id)) {
      this.map.addLayer(wanted, "selected-halo");
      return;
    }
    for (const [name, value] of Object.entries(wanted.paint)) {
      if (JSON.stringify(this.map.getPaintProperty(wanted.id, name as never)) !== JSON.stringify(value)) {
        this.map.setPaintProperty(wanted.id, name as never, value as never);
      }
    }
    for (const [name, value] of Object.entries(wanted.layout ?? {})) {
      if (this.map.getLayoutProperty(wanted.id, name as never) !== value) {
        this.map.setLayoutProperty(wanted.id, name as never, value as never);
      }
    }
  }

  // -- Pointing --

  #click({ point, lngLat }: MapMouseEvent): void {
    const layers = this.map.getLayersOrder().filter((id) => id.startsWith("data:") && !id.endsWith(":label"));
    const near: [[number, number], [number, number]] = [
      [point.x - REACH, point.y - REACH],
      [point.x + REACH, point.y + REACH],
    ];
    // The topmost row that is drawn here; contours have no rows.
    const hits = this.map.queryRenderedFeatures(near, { layers }).flatMap((feature) => {
      const [, layer = ""] = feature.layer.id.split(":");
      return typeof feature.id === "number" ? [{ layer, row: feature.id, geometry: feature.geometry }] : [];
    });
    const top = hits.filter(({ layer }) => layer === hits[0]?.layer);
    const distance = (hit: (typeof hits)[number]) => {
      if (hit.geometry.type !== "Point") return REACH * REACH;
      const [lon = 0, lat = 0] = hit.geometry.coordinates;
      const at = this.map.project([lon, lat]);
      return (at.x - point.x) ** 2 + (at.y - point.y) ** 2;
    };
    const best = top.reduce<(typeof hits)[number] | null>(
      (least, hit) => (least && distance(least) <= distance(hit) ? least : hit),
      null,
    );
    this.#listener.onPick({ lon: lngLat.lng, lat: lngLat.lat }, best && { layer: best.layer, row: best.row });
  }

  /** Dragging with Shift held draws a frame. */
  #boxes(): void {
    const canvas = this.map.getCanvasContainer();
    canvas.addEventListener(
      "mousedown",
      (down) => {
        if (!down.shiftKey || down.button !== 0) return;
        down.preventDefault();
        down.stopImmediatePropagation();
        const frame = this.#container.getBoundingClientRect();
        const at = (event: MouseEvent) => [event.clientX - frame.left, event.clientY - frame.top] as const;
        const [x, y] = at(down);
        const rubber = document.createElement("div");
        rubber.className = "map-rubber";
        this.#container.append(rubber);
        const move = (event: MouseEvent) => {
          const [u, v] = at(event);
          Object.assign(rubber.style, {
            left: `${Math.min(x, u)}px`,
            top: `${Math.min(y, v)}px`,
            width: `${Math.abs(u - x)}px`,
            height: `${Math.abs(v - y)}px`,
          });
        };
        const up = (event: MouseEvent) => {
          removeEventListener("mousemove", move);
          removeEventListener("mouseup", up);
          rubber.remove();
          const [u, v] = at(event);
          if (Math.abs(u - x) < 3 && Math.abs(v - y) < 3) return;
          const one = this.map.unproject([Math.min(x, u), Math.max(y, v)]);
          const other = this.map.unproject([Math.max(x, u), Math.min(y, v)]);
          this.#listener.onBox([one.lng, one.lat, other.lng, other.lat]);
        };
        addEventListener("mousemove", move);
        addEventListener("mouseup", up);
      },
      { capture: true },
    );
  }
}

function groundStyle(ground: Ground) {
  const source = (id: string) => ({ [id]: { type: "geojson" as const, data: NOTHING } });
  const ring = (id: string, radius: number, colour: string, width: number): LayerSpecification => ({
    id,
    type: "circle",
    source: id.split("-")[0] as string,
    paint: {
      "circle-radius": ["+", ["coalesce", ["get", "r"], 4], radius],
      "circle-color": "rgba(0,0,0,0)",
      "circle-stroke-color": colour,
      "circle-stroke-width": width,
    },
  });
  const layers: LayerSpecification[] = [
    { id: "water", type: "background", paint: { "background-color": ground.water } },
    { id: "land", type: "fill", source: "land", paint: { "fill-color": ground.land } },
    { id: "borders", type: "line", source: "borders", paint: { "line-color": ground.border, "line-width": 0.8 } },
    {
      id: "net",
      type: "line",
      source: "net",
      filter: ["==", ["geometry-type"], "LineString"],
      paint: { "line-color": ground.net, "line-width": 0.6 },
    },
    ring("selected-halo", 2, ground.halo, 4),
    ring("selected-ring", 2, ground.mark, 2),
    ring("picked-halo", 5, ground.halo, 5),
    ring("picked-ring", 5, ground.mark, 3),
    ...(["left", "top"] as const).map(
      (side): LayerSpecification => ({
        id: `net-${side}`,
        type: "symbol",
        source: "net",
        filter: ["==", ["get", "side"], side],
        layout: {
          "text-field": ["get", "text"],
          "text-size": 11,
          "text-anchor": side,
          "text-offset": side === "left" ? [0.4, 0] : [0, 0.3],
          "text-padding": 6,
        },
        paint: { "text-color": ground.ink, "text-halo-color": ground.halo, "text-halo-width": 1.2 },
      }),
    ),
  ];
  return {
    version: 8 as const,
    sources: { ...source("land"), ...source("borders"), ...source("net"), ...source("selected"), ...source("picked") },
    layers,
  };
}

function sourcesOf(layer: Drawn): [string, FeatureCollection | { bounds: Box; canvas: HTMLCanvasElement }][] {
  if (layer.kind !== "raster") return [[`data:${layer.id}`, layer.features]];
  return layer.pictures.map((picture, index) => [`data:${layer.id}:${index}`, picture]);
}

function colourOf({ stops, range: [low, high], colour }: Paint): Expression | string {
  if (!stops) return colour;
  const step = (high > low ? high - low : 1) / (stops.length - 1);
  const along = stops.flatMap((stop, index) => [low + index * step, stop]);
  return ["case", ["has", "v"], ["interpolate", ["linear"], ["get", "v"], ...along], "#888888"];
}

function radiusOf({ width, sizes }: Paint): Expression | number {
  if (!sizes) return width;
  const [low, high] = sizes;
  // The area grows with the value.
  const part: Expression = [
    "sqrt",
    ["max", 0, ["min", 1, ["/", ["-", ["get", "s"], low], high > low ? high - low : 1]]],
  ];
  return ["case", ["has", "s"], ["+", width / 2, ["*", width * 2.5, part]], width / 2];
}

function sublayersOf(layer: Drawn, ground: Ground): Sublayer[] {
  const layout = { visibility: layer.visible ? "visible" : "none" };
  const of = (part: string, rest: Record<string, unknown>, source = `data:${layer.id}`) =>
    ({
      id: `data:${layer.id}:${part}`,
      source,
      ...rest,
      layout: { ...(rest.layout as object), ...layout },
    }) as unknown as Sublayer;
  if (layer.kind === "raster") {
    return layer.pictures.map((_, index) =>
      of(
        `raster${index}`,
        {
          type: "raster",
          paint: {
            "raster-opacity": layer.opacity,
            "raster-fade-duration": 0,
            "raster-resampling": layer.smooth ? "linear" : "nearest",
          },
        },
        `data:${layer.id}:${index}`,
      ),
    );
  }
  const { paint } = layer;
  const colour = colourOf(paint);
  const is = (...types: string[]) => ["in", ["geometry-type"], ["literal", types]];
  const line = of("line", {
    type: "line",
    ...(layer.kind === "shapes" && { filter: is("LineString", "Polygon") }),
    layout: { "line-join": "round", "line-cap": "round" },
    paint: {
      "line-color": layer.kind === "shapes" && paint.stops ? colour : paint.stops ? colour : paint.colour,
      "line-width": layer.kind === "shapes" ? 1.5 : paint.width,
      "line-opacity": layer.opacity,
    },
  });
  const circle = of("circle", {
    type: "circle",
    // Points that would lie under others come with a zoom from which on they are drawn.
    filter: ["all", is("Point"), ["<=", ["coalesce", ["get", "z"], 0], ["zoom"]]],
    paint: {
      "circle-color": colour,
      "circle-radius": radiusOf(paint),
      "circle-opacity": layer.opacity,
      "circle-stroke-color": ground.halo,
      "circle-stroke-opacity": layer.opacity,
      "circle-stroke-width": paint.width >= 3 ? 0.75 : 0,
    },
  });
  switch (layer.kind) {
    case "marks":
      return [circle];
    case "lines":
      return [line];
    case "contours":
      return [
        line,
        of("label", {
          type: "symbol",
          layout: {
            "symbol-placement": "line",
            "text-field": ["to-string", ["get", "v"]],
            "text-size": 11,
            "symbol-spacing": 300,
          },
          paint: { "text-color": ground.ink, "text-halo-color": ground.halo, "text-halo-width": 1.4 },
        }),
      ];
    case "shapes":
      return [
        of("fill", {
          type: "fill",
          filter: is("Polygon"),
          paint: { "fill-color": colour, "fill-opacity": 0.35 * layer.opacity },
        }),
        line,
        circle,
      ];
  }
}
