// What a cell wrote and drew.

import { Download } from "lucide-react";
import { lazy, memo, Suspense } from "react";
import { Figure } from "@/features/plots/figure";
import { address } from "@/shared/api/client";
import { bytes } from "@/shared/lib/format";
import { ErrorBoundary } from "@/shared/ui/error-boundary";
import { Skeleton } from "@/shared/ui/skeleton";
import { useOpen } from "../context";
import { cellOf } from "../model/document";
import { type CellOutput, type DataOutput, outputsOf, type Stored, textIn } from "../model/output";
import { useRead } from "../model/store";
import { outputPath } from "../queries";
import { HtmlFrame } from "./frame";
import { JsonView } from "./json";
import { tableOf } from "./table-of";
import { PlainText } from "./text";
import { Widget } from "./widget";

const Markdown = lazy(() => import("./markdown").then((m) => ({ default: m.Markdown })));

export function Outputs({ cell, label }: { cell: string; label: string }) {
  const { session } = useOpen();
  const outputs = useRead(session.store, `outputs ${cell}`, "values", () => outputsOf(cellOf(session.doc, cell)));
  if (outputs.length === 0) return null;
  return (
    <div className="nb-outputs" data-outputs={outputs.length}>
      {outputs.map((output) => (
        <ErrorBoundary key={output.id}>
          <One output={output} label={label} />
        </ErrorBoundary>
      ))}
    </div>
  );
}

export const One = memo(
  function One({ output, label }: { output: CellOutput; label: string }) {
    switch (output.kind) {
      case "stream": {
        const streamName = `${output.name === "stderr" ? "Warnings" : "Text"} of ${label}`;
        return (
          <>
            {output.text && <PlainText text={output.text} label={streamName} error={output.name === "stderr"} />}
            {output.stored && <Large stored={output.stored} what="text" name={`${output.name}.txt`} />}
            {output.stored?.tail && (
              <PlainText text={output.stored.tail} label={`End of ${streamName}`} error={output.name === "stderr"} />
            )}
          </>
        );
      }
      case "error":
        return (
          <PlainText
            text={output.traceback.length > 0 ? output.traceback.join("\n") : `${output.name}: ${output.value}`}
            label={`Error of ${label}`}
            error
            dark
          />
        );
      case "data":
        return <Data output={output} label={label} />;
    }
  },
  (before, after) => before.label === after.label && JSON.stringify(before.output) === JSON.stringify(after.output),
);

const images = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"];
/** The first of these that an output has is shown. */
const preference = [
  // Outputs beyond those that the document holds; its plain text says how many.
  "application/x-ndjson",
  "application/vnd.jupyter.widget-view+json",
  "application/vnd.plotly.v1+json",
  "text/html",
  "text/markdown",
  "text/latex",
  "image/svg+xml",
  ...images,
  "application/json",
  "application/javascript",
  "text/plain",
];

function Data({ output, label }: { output: DataOutput; label: string }) {
  const has = (type: string) => type in output.data || type in output.stored;
  const type = preference.find(has) ?? [...Object.keys(output.data), ...Object.keys(output.stored)][0];
  if (type === undefined) return null;
  const stored = output.stored[type];
  if (images.includes(type)) return <Picture output={output} type={type} label={label} />;
  if (stored) {
    const plain = output.data["text/plain"];
    return (
      <>
        <Large stored={stored} what={type} name={`output.${type.split(/[/+]/).at(-1)?.replace(/^x-/, "")}`} />
        {plain !== undefined && <PlainText text={textIn(plain)} label={`Text of ${label}`} />}
      </>
    );
  }
  const value = output.data[type];
  switch (type) {
    case "application/vnd.plotly.v1+json":
      return <Figure name={`of ${label}`} value={value} />;
    case "application/vnd.jupyter.widget-view+json":
      return (
        <Widget
          id={String((value as { model_id?: unknown } | null)?.model_id ?? "")}
          label={label}
          plain={textIn(output.data["text/plain"] ?? "A widget")}
        />
      );
    case "text/html": {
      const html = textIn(value);
      const table = tableOf(html);
      return table ?? <HtmlFrame html={html} label={label} />;
    }
    case "application/javascript":
      return (
        <HtmlFrame html={`<script>${textIn(value).replaceAll("</script", "<\\/script")}</script>`} label={label} />
      );
    case "text/markdown":
      return (
        <Suspense fallback={<Skeleton className="h-8 w-full" />}>
          <Markdown text={textIn(value)} />
        </Suspense>
      );
    case "text/latex":
      return (
        <Suspense fallback={<Skeleton className="h-8 w-full" />}>
          <Markdown text={latexBlock(textIn(value))} />
        </Suspense>
      );
    case "application/json":
      return <JsonView value={value} label={label} />;
    default:
      return <PlainText text={textIn(value)} label={`Value of ${label}`} />;
  }
}

/** LaTeX with or without its dollars, as a block. */
export const latexBlock = (text: string): string => {
  const inner = text.trim().replace(/^\$\$?|\$\$?$/g, "");
  return `$$${inner.replace(/^\\displaystyle\s*/, "")}$$`;
};

function Picture({ output, type, label }: { output: DataOutput; type: string; label: string }) {
  const { session } = useOpen();
  const { data, metadata, stored } = output;
  const size = (metadata[type] ?? metadata) as { width?: unknown; height?: unknown };
  const width = Number(size.width) || undefined;
  const height = Number(size.height) || undefined;
  const kept = stored[type];
  const text = textIn(data[type]);
  const source = kept
    ? address(outputPath(session.id, kept.id))
    : type === "image/svg+xml"
      ? `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`
      : `data:${type};base64,${text.replace(/\s/g, "")}`;
  const said = textIn(data["text/plain"]);
  // Scripts in an SVG don't run in an `img`, and it loads nothing from elsewhere.
  return <img src={source} width={width} height={height} alt={said || `Picture of ${label}`} className="nb-picture" />;
}

/** Something that is not in the document: how large it is, and where all of it is. */
export function Large({ stored, what, name }: { stored: Stored; what: string; name: string }) {
  const { session } = useOpen();
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md bg-hover px-3 py-1.5 text-sm">
      <span>
        {stored.truncated ? `Cut by the quota of the ${stored.quota ?? "server"}` : "Shortened"}: {bytes(stored.bytes)}
        {stored.produced !== undefined && ` of ${bytes(stored.produced)}`} of {what} stored
        {stored.lines !== undefined && `, ${stored.lines.toLocaleString()} lines`}
        {stored.tail && "; the end is below"}
      </span>
      {stored.bytes > 0 && (
        <a
          className="link inline-flex items-center gap-1"
          href={address(outputPath(session.id, stored.id))}
          download={name}
        >
          <Download aria-hidden className="size-3.5" />
          Download
        </a>
      )}
    </p>
  );
}
