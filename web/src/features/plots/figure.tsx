import { lazy, Suspense, useMemo } from "react";
import { Skeleton } from "@/shared/ui/skeleton";
import type { Trace } from "./elements/element";
import type { Drawable, Layout } from "./plotly";

const PlotCanvas = lazy(() => import("./canvas"));

/** Pictures in a figure could be fetched from anywhere; a figure of ours has none. */
function safeLayout(layout: Layout): Layout {
  const { images: _images, ...rest } = layout;
  return rest;
}

interface Props {
  name: string;
  /** A Plotly figure: `{data, layout}`. */
  value: unknown;
}

/** A figure that a process drew. */
export function Figure({ name, value }: Props) {
  const drawable = useMemo((): Drawable | null => {
    const { data, layout } = (typeof value === "object" && value !== null ? value : {}) as {
      data?: unknown;
      layout?: Layout;
    };
    return Array.isArray(data) ? { traces: data as Trace[], layout: safeLayout(layout ?? {}) } : null;
  }, [value]);
  if (!drawable) return <p className="text-muted">This is no Plotly figure: it has no list of data.</p>;
  return (
    <div className="card p-3">
      <Suspense fallback={<Skeleton className="h-[26rem] w-full" />}>
        <PlotCanvas drawable={drawable} label={`Figure ${name}`} />
      </Suspense>
    </div>
  );
}
