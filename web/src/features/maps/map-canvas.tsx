import type { FeatureCollection } from "geojson";
import { useEffect, useImperativeHandle, useRef, useState } from "react";
import { Failure } from "@/shared/ui/failure";
import { type Drawn, type Ground, type Listener, MapEngine } from "./engine";
import type { View } from "./model";

const NAMES: readonly (keyof Ground)[] = ["water", "land", "border", "net", "ink", "halo", "mark"];

/** The ground's colours as the browser has decided them for the theme. */
function groundAt(element: HTMLElement): Ground {
  const probe = document.createElement("span");
  element.append(probe);
  const ground = Object.fromEntries(
    NAMES.map((name) => {
      probe.style.color = `var(--map-${name})`;
      return [name, getComputedStyle(probe).color];
    }),
  );
  probe.remove();
  return ground as unknown as Ground;
}

interface Props {
  ref: React.Ref<MapEngine | null>;
  /** Where to look first. */
  view: View | undefined;
  drawn: readonly Drawn[];
  net: boolean;
  selected: FeatureCollection;
  picked: FeatureCollection;
  listener: Omit<Listener, "onFailure">;
}

/** The map itself, with the engine's life bound to the element's. */
export default function MapCanvas({ ref, view, drawn, net, selected, picked, listener }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const [engine, setEngine] = useState<MapEngine | null>(null);
  const [failure, setFailure] = useState<unknown>();
  const latest = useRef(listener);
  const first = useRef(view);
  latest.current = listener;
  useImperativeHandle<MapEngine | null, MapEngine | null>(ref, () => engine, [engine]);

  useEffect(() => {
    const container = element.current;
    if (!container) return;
    let made: MapEngine;
    try {
      made = new MapEngine(container, first.current, groundAt(container), {
        onPick: (...args) => latest.current.onPick(...args),
        onBox: (...args) => latest.current.onBox(...args),
        onPointer: (...args) => latest.current.onPointer(...args),
        onView: (...args) => latest.current.onView(...args),
        // A layer that can't be drawn is told in the console; the rest of the map stands.
        onFailure: (error) => console.warn(error),
      });
    } catch (error) {
      setFailure(error);
      return;
    }
    // For whoever looks from outside: the tests ask where things are drawn.
    Object.assign(container, { engine: made });
    setEngine(made);
    const size = new ResizeObserver(() => made.map.resize());
    size.observe(container);
    const retheme = () => void made.setGround(groundAt(container));
    const theme = matchMedia("(prefers-color-scheme: dark)");
    theme.addEventListener("change", retheme);
    const root = new MutationObserver(retheme);
    root.observe(document.documentElement, { attributes: true });
    return () => {
      root.disconnect();
      theme.removeEventListener("change", retheme);
      size.disconnect();
      setEngine(null);
      made.destroy();
    };
  }, []);

  useEffect(() => {
    const container = element.current;
    if (!engine || !container) return;
    delete container.dataset.drawn;
    let old = false;
    void engine
      .setLayers(drawn)
      .then(() => engine.settled())
      .then(() => {
        if (!old) container.dataset.drawn = String(drawn.length);
      });
    return () => {
      old = true;
    };
  }, [engine, drawn]);
  useEffect(() => void engine?.setRings(selected, picked), [engine, selected, picked]);
  useEffect(() => void engine?.setNet(net), [engine, net]);

  if (failure !== undefined) return <Failure error={failure} />;
  // MapLibre's styles make its element relative, whatever it was.
  return (
    <div className="absolute inset-0">
      <div ref={element} className="map-canvas size-full" />
    </div>
  );
}
