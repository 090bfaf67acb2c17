import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Database, FileUp, X } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { useMay } from "@/features/identity/account";
import { Problem, sentence } from "@/shared/api/problem";
import type { Dataset, Project, Upload } from "@/shared/api/types";
import { ago, bytes, moment } from "@/shared/lib/format";
import { mediaWord } from "@/shared/lib/media";
import { Button } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { Page } from "@/shared/ui/page";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { ProgressBar } from "@/shared/ui/state";
import { toast } from "@/shared/ui/toast";
import { datasetsQuery, uploadsQuery } from "./queries";
import { forget, type Sending, send, useSendings } from "./sending";

/** What the project has: files that people brought, and what processes wrote. */
export function DataPage({ project }: { project: Project }) {
  const uploads = useInfiniteQuery(uploadsQuery(project.name));
  const datasets = useInfiniteQuery(datasetsQuery(project.name));
  const may = useMay(project.id);
  const files = uploads.data?.pages.flatMap((page) => page.items) ?? [];
  const outputs = datasets.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title="Data">
      <section className="space-y-3" aria-labelledby="uploads">
        <h2 id="uploads">Uploads</h2>
        {may("uploads.create") && <DropZone project={project.name} />}
        <Loaded query={uploads}>
          {files.length === 0 ? (
            <Empty icon={FileUp} title="No uploads yet">
              Bring a file of your own: processes read it as an input.
            </Empty>
          ) : (
            <FileTable caption="Uploads" data={files} project={project.name} />
          )}
        </Loaded>
        {uploads.hasNextPage && <More query={uploads} />}
      </section>
      <section className="space-y-3" aria-labelledby="datasets">
        <h2 id="datasets">Datasets</h2>
        <Loaded query={datasets}>
          {outputs.length === 0 ? (
            <Empty
              icon={Database}
              title="No datasets yet"
              action={
                <Link className="link" to="/projects/$project/new" params={{ project: project.name }}>
                  Run a process
                </Link>
              }
            >
              A dataset is what a process wrote. It is never changed, and says what it was made from.
            </Empty>
          ) : (
            <FileTable caption="Datasets" data={outputs} project={project.name} />
          )}
        </Loaded>
        {datasets.hasNextPage && <More query={datasets} />}
      </section>
    </Page>
  );
}

interface List {
  isPending: boolean;
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
}

function Loaded({ query, children }: { query: List; children: ReactNode }) {
  if (query.isPending) return <SkeletonRows rows={3} />;
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return children;
}

function More({ query }: { query: { isFetchingNextPage: boolean; fetchNextPage: () => unknown } }) {
  return (
    <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
      Show more
    </Button>
  );
}

function FileTable({ caption, data, project }: { caption: string; data: (Upload | Dataset)[]; project: string }) {
  return (
    <div className="card overflow-x-auto">
      <table className="grid-table">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Kind</th>
            <th scope="col" className="text-right!">
              Size
            </th>
            <th scope="col">Made</th>
          </tr>
        </thead>
        <tbody>
          {data.map((item) => (
            <tr key={item.id}>
              <td className="min-w-48 wrap-anywhere">
                <Link className="link" to="/projects/$project/data/$data" params={{ project, data: item.id }}>
                  {item.name}
                </Link>
                {"partial" in item && item.partial && <span className="ml-2 text-sm text-warn">unfinished</span>}
                {"description" in item && item.description && <p className="text-muted">{item.description}</p>}
              </td>
              <td className="whitespace-nowrap text-muted">{mediaWord(item.media_type)}</td>
              <td className="text-right whitespace-nowrap tabular-nums">{bytes(item.size)}</td>
              <td className="whitespace-nowrap text-muted" title={moment(item.created_at)}>
                {ago(item.created_at)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Takes files by drop or by choice, and shows how far each is. */
export function DropZone({ project }: { project: string }) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const sendings = useSendings(project);
  const client = useQueryClient();

  const begin = (file: File, replace = false) =>
    send(project, file, replace, () => {
      toast.done(`${file.name} is uploaded`);
      void client.invalidateQueries({ queryKey: ["uploads", project] });
    });

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a short cut for the button inside
    <div
      className={`rounded-lg border-2 border-dashed p-4 ${over ? "border-accent bg-accent-soft" : "border-line"}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        for (const file of event.dataTransfer.files) begin(file);
      }}
    >
      <div className="flex flex-wrap items-center gap-3">
        <Button onClick={() => input.current?.click()}>
          <FileUp aria-hidden className="size-4" />
          Choose files…
        </Button>
        <span className="text-sm text-muted">or drop them here</span>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label="Files to upload"
          onChange={(event) => {
            for (const file of event.target.files ?? []) begin(file);
            event.target.value = "";
          }}
        />
      </div>
      {sendings.length > 0 && (
        <ul className="mt-3 space-y-2">
          {sendings.map((sending) => (
            <SendingRow
              key={sending.id}
              sending={sending}
              onAgain={(replace) => {
                forget(sending);
                begin(sending.file, replace);
              }}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

function SendingRow({ sending, onAgain }: { sending: Sending; onAgain: (replace: boolean) => void }) {
  const { file, state, fraction, error } = sending;
  const exists = error instanceof Problem && error.code === "upload_exists";
  return (
    <li className="card flex flex-wrap items-center gap-3 p-2 text-sm">
      <span className="min-w-0 flex-1 wrap-anywhere">
        {file.name} <span className="text-muted">({bytes(file.size)})</span>
      </span>
      {state === "sending" ? (
        <>
          <div className="w-56">
            <ProgressBar fraction={fraction} label={`Upload of ${file.name}`} />
          </div>
          <Button look="quiet" aria-label={`Stop the upload of ${file.name}`} onClick={sending.abort}>
            <X aria-hidden className="size-4" />
          </Button>
        </>
      ) : (
        <>
          <span role="alert" className="text-danger">
            {exists ? "There is an upload of this name already." : sentence(error)}
          </span>
          <Button onClick={() => onAgain(exists)}>{exists ? "Replace it" : "Try again"}</Button>
          <Button look="quiet" aria-label={`Forget ${file.name}`} onClick={() => forget(sending)}>
            <X aria-hidden className="size-4" />
          </Button>
        </>
      )}
    </li>
  );
}
