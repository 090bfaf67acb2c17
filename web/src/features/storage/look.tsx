import { queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Figure } from "@/features/plots/figure";
import { LinePlot } from "@/features/plots/line-plot";
import { request } from "@/shared/api/client";
import type { Column, Dataset } from "@/shared/api/types";
import { bytes } from "@/shared/lib/format";
import { Failure } from "@/shared/ui/failure";
import { Skeleton } from "@/shared/ui/skeleton";
import { DataPreview } from "./preview/preview";
import { type Shown, type Way, waysOf, wayWords } from "./preview/ways";
import { contentPath, kindOf, previewQuery } from "./queries";

const FIGURE = "application/vnd.plotly.v1+json";
/** More than this is not loaded into the browser to be drawn. */
const PLOT_LIMIT = 20_000_000;

interface Props {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  dataset?: Dataset | undefined;
}

/** Data as a plot, where it can be one, and as what it is. */
export function DataLook(props: Props) {
  const { id, mediaType } = props;
  const preview = useQuery(previewQuery(id));
  const [chosen, setChosen] = useState<Way | "plot">();
  if (preview.isPending) return <Skeleton className="h-[32rem] w-full" />;
  if (preview.isError) return <Failure error={preview.error} retry={() => void preview.refetch()} />;

  const shown = preview.data as Shown;
  const plottable = mediaType === FIGURE || (shown.kind === "table" && hasNumbers(shown.columns));
  const ways: (Way | "plot")[] = [...(plottable ? ["plot" as const] : []), ...waysOf(shown)];
  // An upload is looked at to see what is in it, a result to see what it shows.
  const best = plottable && kindOf(id) === "uploads" ? ways[1] : ways[0];
  const way = (chosen && ways.includes(chosen) ? chosen : best) ?? "bytes";
  return (
    <div className="space-y-3">
      {ways.length > 1 && (
        <fieldset className="flex w-max max-w-full flex-wrap gap-1 rounded-md border border-line p-0.5">
          <legend className="sr-only">Show as</legend>
          {ways.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === way}
              className="rounded px-3 py-1 text-sm hover:bg-hover aria-pressed:bg-accent-soft aria-pressed:font-medium"
              onClick={() => setChosen(one)}
            >
              {one === "plot" ? "Plot" : wayWords[one]}
            </button>
          ))}
        </fieldset>
      )}
      {way !== "plot" ? (
        <DataPreview key={`${id} ${way}`} {...props} shown={shown} way={way} dataset={props.dataset} />
      ) : mediaType !== FIGURE ? (
        <LinePlot id={id} />
      ) : props.size > PLOT_LIMIT ? (
        <p className="text-muted">With {bytes(props.size)} it is too large to be drawn here.</p>
      ) : (
        <FigurePlot {...props} />
      )}
    </div>
  );
}

const isNumber = ({ type }: Column) => type === "number" || type === "integer";

function hasNumbers(columns: readonly Column[]): boolean {
  const numbers = columns.filter(isNumber).length;
  return numbers > 1 || (numbers === 1 && columns.some(({ type }) => type === "time"));
}

const contentQuery = (id: string) =>
  queryOptions({
    queryKey: ["content", id, "figure"],
    queryFn: async ({ signal }): Promise<unknown> => (await request(contentPath(id), { signal })).json(),
    staleTime: Number.POSITIVE_INFINITY,
    // Not kept long: it may be large.
    gcTime: 60_000,
  });

function FigurePlot({ id, name }: Props) {
  const content = useQuery(contentQuery(id));
  if (content.isPending) return <Skeleton className="h-[28rem] w-full" />;
  if (content.isError) return <Failure error={content.error} retry={() => void content.refetch()} />;
  return <Figure name={name} value={content.data} />;
}
