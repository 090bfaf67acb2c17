import { useQuery } from "@tanstack/react-query";
import { address } from "@/shared/api/client";
import type { Dataset, Preview } from "@/shared/api/types";
import { bytes } from "@/shared/lib/format";
import { Failure } from "@/shared/ui/failure";
import { Skeleton } from "@/shared/ui/skeleton";
import { labelled, withUnits } from "./columns";
import { contentPath, previewQuery } from "./queries";

interface Props {
  id: string;
  name: string;
  /** What its writer said of it, for units. */
  dataset?: Dataset;
}

/** A first look at an upload or dataset. Nothing in it is executed: text stays text, pictures are pictures. */
export function DataPreview({ id, name, dataset }: Props) {
  const preview = useQuery(previewQuery(id));
  if (preview.isPending) return <Skeleton className="h-96 w-full" />;
  if (preview.isError) return <Failure error={preview.error} retry={() => void preview.refetch()} />;
  return (
    <div className="space-y-2">
      <Body preview={preview.data} id={id} name={name} dataset={dataset} />
      {preview.data.truncated && preview.data.kind !== "image" && (
        <p className="text-sm text-muted">
          This is the beginning; the whole is {bytes(preview.data.size)}. Download it to see everything.
        </p>
      )}
    </div>
  );
}

const textClass = "card max-h-[32rem] overflow-auto p-3 font-mono text-sm whitespace-pre-wrap wrap-anywhere";

function Body({ preview, id, name, dataset }: Props & { preview: Preview }) {
  switch (preview.kind) {
    case "table":
      return <TablePreview preview={preview} name={name} dataset={dataset} />;
    case "json":
      return (
        <Scroll label={`Content of ${name}`}>
          <pre>{JSON.stringify(preview.value, null, 2)}</pre>
        </Scroll>
      );
    case "text":
      return (
        <Scroll label={`Content of ${name}`}>
          <pre className="whitespace-pre-wrap">{preview.text}</pre>
        </Scroll>
      );
    case "image":
      return (
        <div className="card p-3">
          <img
            src={address(contentPath(id))}
            alt={`${name}, ${preview.width} by ${preview.height} pixels`}
            width={preview.width}
            height={preview.height}
            className="mx-auto h-auto max-w-full"
          />
        </div>
      );
    case "binary":
      return (
        <Scroll label={`First bytes of ${name}`}>
          <pre>{hexDump(preview.hex)}</pre>
        </Scroll>
      );
  }
}

/** A scrolling box can be reached by keyboard and has a name. */
function Scroll({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
    <section aria-label={label} tabIndex={0} className={textClass}>
      {children}
    </section>
  );
}

type Table = Extract<Preview, { kind: "table" }>;

function TablePreview({ preview, name, dataset }: { preview: Table; name: string; dataset: Dataset | undefined }) {
  const headings = withUnits(
    preview.columns.map((column) => column.name),
    dataset,
  );
  const right = preview.columns.map(({ type }) => type === "number" || type === "integer");
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
    <section aria-label={`Table ${name}`} tabIndex={0} className="card max-h-[32rem] overflow-auto">
      <table className="grid-table">
        <thead className="sticky top-0 bg-surface">
          <tr>
            {headings.map((heading, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: headings may repeat, and columns never move
              <th key={column} scope="col" className={right[column] ? "text-right!" : ""}>
                {labelled(heading)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="tabular-nums">
          {(preview.rows as unknown[][]).map((cells, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no other identity and never move
            <tr key={row}>
              {cells.map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <td key={column} className={right[column] ? "text-right" : ""}>
                  {cell === null ? "" : String(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Sixteen bytes a line: offset, bytes, and what is printable of them. */
export function hexDump(hex: string): string {
  const pairs = hex.match(/../g) ?? [];
  const lines: string[] = [];
  for (let at = 0; at < pairs.length; at += 16) {
    const part = pairs.slice(at, at + 16);
    const shown = part.map((pair) => {
      const code = Number.parseInt(pair, 16);
      return code >= 32 && code < 127 ? String.fromCharCode(code) : ".";
    });
    lines.push(`${at.toString(16).padStart(8, "0")}  ${part.join(" ").padEnd(47)}  ${shown.join("")}`);
  }
  return lines.join("\n");
}
