import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useAccount, useMay } from "@/features/identity/account";
import { api, body } from "@/shared/api/client";
import type { Dataset, ProjectView, Upload } from "@/shared/api/types";
import { ago, bytes, moment } from "@/shared/lib/format";
import { mediaWord } from "@/shared/lib/media";
import { CopyButton } from "@/shared/ui/toast";
import { previewQuery } from "../queries";
import { shownName } from "../shown-text";

/** What newer servers say besides. */
interface Said {
  columns?: unknown;
  crs?: unknown;
  process_name?: unknown;
}

export function Facts({ project, item }: { project: ProjectView; item: Upload | Dataset }) {
  const { crs, process_name } = item as Said;
  const columns = useColumns(item);
  return (
    <section aria-label="Details">
      <h2 className="mb-2">Details</h2>
      <dl className="rounded-lg border border-line px-4 py-2">
        <Fact name="Type">
          {mediaWord(item.media_type)} <span className="text-muted">{item.media_type}</span>
        </Fact>
        <Fact name="Size">
          {bytes(item.size)} <span className="text-muted">({item.size.toLocaleString()} bytes)</span>
        </Fact>
        {"shape" in item && item.shape && <Fact name="Shape">{item.shape.join(" × ")}</Fact>}
        {columns.length > 0 && (
          <Fact name="Columns">
            <Columns columns={columns} />
          </Fact>
        )}
        {typeof crs === "string" && <Fact name="Coordinates">{crs}</Fact>}
        <Fact name="Made">
          {moment(item.created_at)} <span className="text-muted">({ago(item.created_at)})</span>
        </Fact>
        {"process" in item ? (
          <Fact name="Written by">
            <Link
              className="link"
              to="/projects/$project/processes/$process"
              params={{ project: project.name, process: item.process }}
              search={{ version: item.version }}
            >
              {typeof process_name === "string" ? process_name : item.process} v{item.version}
            </Link>
          </Fact>
        ) : (
          <Fact name="Brought by">
            <Who project={project} user={item.created_by} />
          </Fact>
        )}
        <Fact name="Refer to it as">
          <CopyButton
            text={"process" in item ? `dataset:${item.id}` : `upload:${shownName(item.name)}`}
            label="Copy the reference"
          />
        </Fact>
        <Fact name="SHA-256">
          <CopyButton text={item.sha256} label="Copy the digest" />
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[7rem_1fr] gap-2 py-1 text-sm">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}

interface ColumnFact {
  name: string;
  type: string | undefined;
  unit: string | undefined;
}

/** As the server knows them; else as its first rows show them. */
function useColumns(item: Upload | Dataset): ColumnFact[] {
  const preview = useQuery(previewQuery(item.id));
  const { columns } = item as Said;
  const known = Array.isArray(columns) && columns.length > 0 ? columns : undefined;
  const seen = preview.data?.kind === "table" ? preview.data.columns : [];
  return ((known ?? seen) as unknown[]).slice(0, 200).map((column) => {
    if (typeof column === "string") return { name: column, type: undefined, unit: undefined };
    const { name, type, unit } = (column ?? {}) as Record<string, unknown>;
    const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
    return { name: text(name) ?? "", type: text(type), unit: text(unit) };
  });
}

const FEW = 12;

function Columns({ columns }: { columns: readonly ColumnFact[] }) {
  const more = columns.length - FEW;
  return (
    <ul className="flex flex-wrap gap-x-3 gap-y-0.5">
      {columns.slice(0, FEW).map(({ name, type, unit }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: headings may repeat, and columns never move
        <li key={at}>
          {shownName(name)}
          {unit && !name.includes(`(${unit})`) && ` (${unit})`} {type && <span className="text-muted">{type}</span>}
        </li>
      ))}
      {more > 0 && <li className="text-muted">and {more} more</li>}
    </ul>
  );
}

/** A user by the name that the project's members know. */
function Who({ project, user }: { project: ProjectView; user: string }) {
  const account = useAccount();
  const may = useMay(project.id);
  const members = useQuery({
    queryKey: ["members", project.name],
    queryFn: () => body(api.GET("/api/projects/{project}/members", { params: { path: { project: project.name } } })),
    enabled: may("members.view") && user !== account.id,
  });
  if (user === account.id) return <>you</>;
  const list: { user: string; display_name: string }[] = Array.isArray(members.data) ? members.data : [];
  return <>{list.find((member) => member.user === user)?.display_name ?? user}</>;
}
