// The small map: where in the whole one is. A press or a drag on it goes there; the keyboard has the arrows and "fit".

import { useReactFlow, useStore } from "@xyflow/react";
import { type PointerEvent, useRef } from "react";
import type { Places, Rect } from "./geometry";
import type { FlowNode, GraphView } from "./graph";
import { Boxes } from "./layers";

const [WIDTH, HEIGHT] = [176, 112];

interface Props {
  nodes: readonly FlowNode[];
  view: GraphView;
  places: Places;
  bounds: Rect;
  active: string | undefined;
}

export function SmallMap({ nodes, view, places, bounds, active }: Props) {
  const ref = useRef<HTMLDivElement>(null);
  const flow = useReactFlow();
  // Nothing to find one's way in when all of it is seen.
  const all = useStore(
    ({ transform: [x, y, zoom], width, height }) =>
      bounds.x * zoom + x >= -1 &&
      bounds.y * zoom + y >= -1 &&
      (bounds.x + bounds.width) * zoom + x <= width + 1 &&
      (bounds.y + bounds.height) * zoom + y <= height + 1,
  );
  const margin = Math.max(bounds.width, bounds.height) * 0.04;
  const scale = Math.min(WIDTH / (bounds.width + 2 * margin), HEIGHT / (bounds.height + 2 * margin));
  // The upper left corner of what the map shows.
  const left = bounds.x - (WIDTH / scale - bounds.width) / 2;
  const top = bounds.y - (HEIGHT / scale - bounds.height) / 2;

  function go(event: PointerEvent) {
    const box = ref.current?.getBoundingClientRect();
    if (!box || event.buttons !== 1) return;
    const x = left + (event.clientX - box.left) / scale;
    const y = top + (event.clientY - box.top) / scale;
    void flow.setCenter(x, y, { zoom: flow.getZoom() });
  }

  if (all) return null;
  return (
    <div
      ref={ref}
      aria-hidden="true"
      className="flow-map"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={go}
    >
      <svg viewBox={`${left} ${top} ${WIDTH / scale} ${HEIGHT / scale}`} aria-hidden="true">
        <Boxes nodes={nodes} view={view} places={places} strong={undefined} active={active} />
      </svg>
      <Seen left={left} top={top} scale={scale} />
    </div>
  );
}

/** The part that is on screen. By itself, so that panning moves one box and draws nothing anew. */
function Seen({ left, top, scale }: { left: number; top: number; scale: number }) {
  const [x, y, zoom] = useStore(({ transform }) => transform);
  const width = useStore((store) => store.width);
  const height = useStore((store) => store.height);
  return (
    <div
      className="flow-map-view"
      style={{
        width: (width / zoom) * scale,
        height: (height / zoom) * scale,
        transform: `translate(${(-x / zoom - left) * scale}px, ${(-y / zoom - top) * scale}px)`,
      }}
    />
  );
}
