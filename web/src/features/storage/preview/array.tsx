import { useEffect, useMemo, useRef } from "react";
import { Bar } from "./shell";
import { shortNumber } from "./statistics";

/** As the server shows an array: at most a hundred rows of at most a hundred means of blocks. */
export interface ArrayShown {
  kind: "array";
  dtype: string;
  shape: number[];
  minimum?: number | null;
  maximum?: number | null;
  mean?: number | null;
  values: (number | null)[][];
}

/** An array of numbers: what it is, a picture of it, and its values. */
export function ArrayPreview({
  name,
  array,
  unit,
}: {
  name: string;
  array: ArrayShown;
  unit: string | null | undefined;
}) {
  const { dtype, shape, values } = array;
  const [rows, columns] = [values.length, values[0]?.length ?? 0];
  // Whether each value that is shown is one of the array's own.
  const whole = [rows, columns].join() === plane(shape).join();
  const facts: [string, string][] = [
    ["Shape", shape.length === 0 ? "a single value" : shape.join(" × ")],
    ["Type", words[dtype.replace(/^[<>=|]/, "")] ?? dtype],
    ["Minimum", shown(array.minimum, unit)],
    ["Maximum", shown(array.maximum, unit)],
    ["Mean", shown(array.mean, unit)],
  ];
  return (
    <div className="space-y-3">
      <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
        {facts.map(([title, value]) => (
          <div key={title}>
            <dt className="text-muted">{title}</dt>
            <dd className="font-medium tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      {rows * columns > 1 && <HeatMap name={name} array={array} unit={unit} />}
      <Bar>
        <span className="text-muted">
          {whole
            ? "All values"
            : `Means of blocks, ${rows} × ${columns} of them${shape.length > 2 ? ", of the first plane" : ""}. Download it for every value.`}
        </span>
      </Bar>
      <Values name={name} values={values} />
    </div>
  );
}

const plane = (shape: readonly number[]) => (shape.length < 2 ? [1, shape[0] ?? 1] : shape.slice(-2));

const shown = (value: number | null | undefined, unit: string | null | undefined) =>
  typeof value === "number" ? `${shortNumber(value)}${unit ? ` ${unit}` : ""}` : "none";

const words: Record<string, string> = {
  f8: "64-bit float",
  f4: "32-bit float",
  f2: "16-bit float",
  i8: "64-bit integer",
  i4: "32-bit integer",
  i2: "16-bit integer",
  i1: "8-bit integer",
  u8: "64-bit unsigned integer",
  u4: "32-bit unsigned integer",
  u2: "16-bit unsigned integer",
  u1: "8-bit unsigned integer",
  b1: "true or false",
};

/** Five colours of Viridis (Smith and van der Walt, public domain), which all eyes can order. */
const SCALE = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
] as const;

function colour(fraction: number): [number, number, number] {
  const place = Math.min(0.9999, Math.max(0, fraction)) * (SCALE.length - 1);
  const at = Math.floor(place);
  const [from, to] = [SCALE[at] ?? SCALE[0], SCALE[at + 1] ?? SCALE[4]];
  const mix = (channel: 0 | 1 | 2) => from[channel] + (to[channel] - from[channel]) * (place - at);
  return [mix(0), mix(1), mix(2)];
}

function HeatMap({ name, array, unit }: { name: string; array: ArrayShown; unit: string | null | undefined }) {
  const { values } = array;
  const canvas = useRef<HTMLCanvasElement>(null);
  const legend = useRef<HTMLCanvasElement>(null);
  const [rows, columns] = [values.length, values[0]?.length ?? 0];
  const [low, high] = useMemo(() => {
    const all = values.flat().filter((value) => value !== null);
    return all.length === 0 ? [0, 0] : [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  }, [values]);
  useEffect(() => {
    draw(canvas.current, columns, rows, (x, y) => {
      const value = values[y]?.[x];
      return typeof value === "number" ? (high > low ? (value - low) / (high - low) : 0.5) : undefined;
    });
    draw(legend.current, 128, 1, (x) => x / 127);
  }, [values, rows, columns, low, high]);
  return (
    <figure className="w-max max-w-full space-y-1">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${name} in colours, from ${shown(low, unit)} to ${shown(high, unit)}`}
        className="max-h-80 w-96 max-w-full rounded border border-line [image-rendering:pixelated]"
        style={{ aspectRatio: rows === 1 ? "12 / 1" : `${columns} / ${rows}` }}
      />
      <figcaption className="flex items-center gap-2 text-xs tabular-nums">
        {shown(low, unit)}
        <canvas ref={legend} aria-hidden className="h-2.5 w-32 rounded-sm" />
        {shown(high, unit)}
      </figcaption>
    </figure>
  );
}

function draw(
  canvas: HTMLCanvasElement | null,
  width: number,
  height: number,
  value: (x: number, y: number) => number | undefined,
) {
  const context = canvas?.getContext("2d");
  if (!canvas || !context || width === 0 || height === 0) return;
  canvas.width = width;
  canvas.height = height;
  const image = context.createImageData(width, height);
  for (let at = 0; at < width * height; at += 1) {
    const fraction = value(at % width, Math.floor(at / width));
    if (fraction !== undefined) image.data.set([...colour(fraction), 255], at * 4);
  }
  context.putImageData(image, 0, 0);
}

function Values({ name, values }: { name: string; values: readonly (number | null)[][] }) {
  return (
    <section
      aria-label={`Values of ${name}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
      tabIndex={0}
      className="max-h-72 overflow-auto rounded-lg border border-line bg-surface"
    >
      <table className="border-collapse text-right text-xs tabular-nums">
        <thead className="sticky top-0 z-10 bg-surface text-muted">
          <tr>
            <th scope="col" className="px-2 py-1">
              <span className="sr-only">Row</span>
            </th>
            {values[0]?.map((_, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns are their numbers
              <th key={column} scope="col" className="px-2 py-1 font-medium">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {values.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows are their numbers
            <tr key={at} className="hover:bg-hover">
              <th scope="row" className="sticky left-0 bg-surface px-2 py-0.5 font-medium text-muted">
                {at}
              </th>
              {row.map((value, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <td key={column} className="px-2 py-0.5">
                  {value === null ? "" : shortNumber(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
