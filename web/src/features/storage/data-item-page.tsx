import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Download, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useMay } from "@/features/identity/account";
import { address, api } from "@/shared/api/client";
import type { Dataset, Project, Upload } from "@/shared/api/types";
import { bytes, moment } from "@/shared/lib/format";
import { Button, buttonClass } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { Failure } from "@/shared/ui/failure";
import { Page } from "@/shared/ui/page";
import { Skeleton } from "@/shared/ui/skeleton";
import { CopyButton, toast } from "@/shared/ui/toast";
import { DataLook } from "./look";
import { contentPath, datasetQuery, kindOf, lineageQuery, uploadQuery } from "./queries";

/** One upload or dataset: what is in it, what it is, and where it comes from. */
export function DataItemPage({ project, id }: { project: Project; id: string }) {
  return kindOf(id) === "uploads" ? (
    <UploadItem project={project} id={id} />
  ) : (
    <DatasetItem project={project} id={id} />
  );
}

function UploadItem({ project, id }: { project: Project; id: string }) {
  const upload = useQuery(uploadQuery(id));
  if (upload.isError) return <Missing error={upload.error} />;
  return (
    <Page
      title={upload.data?.name ?? "Upload"}
      actions={upload.data && <Actions project={project} item={upload.data} />}
    >
      {upload.data ? (
        <>
          <DataLook id={id} name={upload.data.name} mediaType={upload.data.media_type} size={upload.data.size} />
          <Facts item={upload.data} reference={`upload:${upload.data.name}`} />
        </>
      ) : (
        <Skeleton className="h-[32rem] w-full" />
      )}
    </Page>
  );
}

function DatasetItem({ project, id }: { project: Project; id: string }) {
  const dataset = useQuery(datasetQuery(id));
  if (dataset.isError) return <Missing error={dataset.error} />;
  const { data } = dataset;
  return (
    <Page title={data?.name ?? "Dataset"} actions={data && <Actions project={project} item={data} />}>
      {data ? (
        <>
          {data.description && <p className="text-muted">{data.description}</p>}
          <DataLook id={id} name={data.name} mediaType={data.media_type} size={data.size} dataset={data} />
          <Facts item={data} reference={`dataset:${data.id}`}>
            <Fact name="Written by">
              <Link
                className="link"
                to="/projects/$project/processes/$process"
                params={{ project: project.name, process: data.process }}
                search={{ version: data.version }}
              >
                {data.process} v{data.version}
              </Link>
            </Fact>
          </Facts>
          <Lineage project={project.name} id={id} />
        </>
      ) : (
        <Skeleton className="h-[32rem] w-full" />
      )}
    </Page>
  );
}

function Missing({ error }: { error: unknown }) {
  return (
    <Page title="Data">
      <Failure error={error} />
    </Page>
  );
}

function Actions({ project, item }: { project: Project; item: Upload | Dataset }) {
  const [asking, setAsking] = useState(false);
  const may = useMay(project.id);
  const navigate = useNavigate();
  const client = useQueryClient();
  const kind = kindOf(item.id);

  async function remove() {
    try {
      const params = { path: { id: item.id } };
      await (kind === "uploads"
        ? api.DELETE("/api/uploads/{id}", { params })
        : api.DELETE("/api/datasets/{id}", { params }));
      await client.invalidateQueries({ queryKey: [kind, project.name] });
      await navigate({ to: "/projects/$project/data", params: { project: project.name } });
      toast.done(`${item.name} is deleted`);
    } catch (error) {
      setAsking(false);
      toast.error(error, `${item.name} was not deleted`);
    }
  }

  return (
    <>
      <a className={buttonClass()} href={address(contentPath(item.id, true))} download={item.name}>
        <Download aria-hidden className="size-4" />
        Download
      </a>
      {may(`${kind}.delete`) && (
        <Button onClick={() => setAsking(true)}>
          <Trash2 aria-hidden className="size-4" />
          Delete…
        </Button>
      )}
      {asking && (
        <Dialog title={`Delete ${item.name}?`} onClose={() => setAsking(false)}>
          <p className="mb-4 text-sm">Its bytes are gone for good. What was made from it stays.</p>
          <div className="flex justify-end gap-2">
            <Button onClick={() => setAsking(false)}>Keep it</Button>
            <Button look="danger" onClick={() => void remove()}>
              Delete
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[8rem_1fr] gap-2 py-1 text-sm">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}

function Facts({ item, reference, children }: { item: Upload | Dataset; reference: string; children?: ReactNode }) {
  return (
    <section aria-label="Details">
      <h2 className="mb-2">Details</h2>
      <dl className="card px-4 py-2">
        <Fact name="Kind">{item.media_type}</Fact>
        <Fact name="Size">{bytes(item.size)}</Fact>
        {"shape" in item && item.shape && <Fact name="Shape">{item.shape.join(" × ")}</Fact>}
        <Fact name="Made">{moment(item.created_at)}</Fact>
        {children}
        <Fact name="Refer to it as">
          <CopyButton text={reference} label="Copy the reference" />
        </Fact>
        <Fact name="SHA-256">
          <CopyButton text={item.sha256} label="Copy the digest" />
        </Fact>
      </dl>
    </section>
  );
}

function Lineage({ project, id }: { project: string; id: string }) {
  const lineage = useQuery(lineageQuery(id));
  if (!lineage.data) return null;
  const { nodes, edges, root } = lineage.data;
  const named = (ids: string[]) => nodes.filter((node) => ids.includes(node.id));
  const from = named(edges.filter((edge) => edge.to === root).map((edge) => edge.from));
  const into = named(edges.filter((edge) => edge.from === root).map((edge) => edge.to));
  return (
    <section aria-label="Lineage" className="grid gap-4 sm:grid-cols-2">
      {(
        [
          ["Made from", from, "It was made from no data."],
          ["Made into", into, "Nothing was made from it yet."],
        ] as const
      ).map(([title, list, none]) => (
        <div key={title}>
          <h2 className="mb-2">{title}</h2>
          <ul className="card space-y-1 px-4 py-3 text-sm">
            {list.length === 0 && <li className="text-muted">{none}</li>}
            {list.map((node) => (
              <li key={node.id} className="wrap-anywhere">
                {node.gone ? (
                  <>
                    {node.name} <span className="text-muted">(deleted)</span>
                  </>
                ) : (
                  <Link className="link" to="/projects/$project/data/$data" params={{ project, data: node.id }}>
                    {node.name}
                  </Link>
                )}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}
