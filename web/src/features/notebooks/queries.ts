import { queryOptions } from "@tanstack/react-query";
import { request } from "@/shared/api/client";
import type {
  Comment,
  KernelSpec,
  NewNotebook,
  Notebook,
  NotebookUsage as Usage,
  NotebookVersion as Version,
  VolumeFiles,
  Workspace,
} from "@/shared/api/types";

export type { Comment, KernelSpec, Notebook, Usage, Version };

async function json<Body>(path: string, method = "GET", body?: unknown, signal?: AbortSignal): Promise<Body> {
  const answer = await request(path, {
    method,
    ...(body !== undefined && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const text = await answer.text();
  return (text === "" ? undefined : JSON.parse(text)) as Body;
}

const at = (id: string, rest = "") => `/api/notebooks/${encodeURIComponent(id)}${rest}`;

/** Of a project (its name), the newest change first. */
export const notebooksQuery = (project: string) =>
  queryOptions({
    queryKey: ["notebooks", project],
    queryFn: ({ signal }) =>
      json<{ items: Notebook[]; next: string | null }>(
        `/api/notebooks?project=${encodeURIComponent(project)}&limit=200`,
        "GET",
        undefined,
        signal,
      ),
  });

export const notebookQuery = (id: string) =>
  queryOptions({
    queryKey: ["notebook", id],
    queryFn: ({ signal }) => json<Notebook>(at(id), "GET", undefined, signal),
  });

export const kernelSpecsQuery = (project: string) =>
  queryOptions({
    queryKey: ["kernelspecs", project],
    queryFn: ({ signal }) =>
      json<KernelSpec[]>(`/api/kernelspecs?project=${encodeURIComponent(project)}`, "GET", undefined, signal),
    staleTime: 60_000,
  });

export const createNotebook = (given: NewNotebook) => json<Notebook>("/api/notebooks", "POST", given);

/** Makes a notebook of a large file: it is uploaded, and the upload goes again. */
export async function createOfFile(given: NewNotebook, file: File): Promise<Notebook> {
  const name = `import-${crypto.randomUUID()}.ipynb`;
  const query = new URLSearchParams({ project: given.project, name });
  const answer = await request(`/api/uploads?${query}`, { method: "PUT", body: file });
  const { id } = (await answer.json()) as { id: string };
  try {
    return await createNotebook({ ...given, from_upload: id });
  } finally {
    // Without the right to delete it stays among the data.
    await json<void>(`/api/uploads/${encodeURIComponent(id)}`, "DELETE").catch(() => {});
  }
}

/** Workspaces of a project (its name) in whose volumes one may work. */
export const volumesQuery = (project: string) =>
  queryOptions({
    queryKey: ["workspaces", project, "volumes"],
    queryFn: async ({ signal }) => {
      const path = `/api/workspaces?project=${encodeURIComponent(project)}`;
      const { items } = await json<{ items: Workspace[] }>(path, "GET", undefined, signal);
      return items.filter(({ access }) => access !== "view");
    },
  });

const ofVolume = (workspace: string) => `/api/workspaces/${encodeURIComponent(workspace)}/notebooks`;

/** The files of a workspace's volume that can be notebooks. Programs there make and remove them at any time. */
export const volumeFilesQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["volume-files", workspace],
    queryFn: ({ signal }) => json<VolumeFiles>(ofVolume(workspace), "GET", undefined, signal),
    staleTime: 0,
    retry: false,
  });

/** Opens a file of a workspace's volume, and makes one that is not there. */
export const openFile = (workspace: string, path: string) => json<Notebook>(ofVolume(workspace), "POST", { path });

/** Lets the file of a notebook lie in the project's storage. */
export const saveInProject = (id: string) => json<Notebook>(at(id, "/place"), "PUT", {});

export const renameNotebook = (id: string, title: string) => json<Notebook>(at(id), "PATCH", { title });
/** Makes a process type of the notebook as it is now, or a new version of the one it has. */
export const publishNotebook = (id: string) =>
  json<{ name: string; environment: string; version: string }>(at(id, "/process-types"), "POST", {});
export const deleteNotebook = (id: string) => json<void>(at(id), "DELETE");

export type RunWhat = "cell" | "tissue" | "from" | "to" | "all" | "graph" | "stale";

export const formats = [
  { format: "ipynb", label: "Notebook (.ipynb)" },
  { format: "py", label: "Python (.py)" },
  { format: "html", label: "Page (.html)" },
  { format: "md", label: "Markdown (.md)" },
] as const;

export const exportPath = (id: string, format: string) => at(id, `/file?format=${format}&download=true`);
export const outputPath = (id: string, stored: string) => at(id, `/outputs/${encodeURIComponent(stored)}`);

/** The name of a file in the project, out of what a person typed: `My plan` is `my-plan`. */
export function fileName(title: string): string {
  const plain = title
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\.ipynb$/, "")
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
  return `${plain || "notebook"}.ipynb`;
}

export const commentsQuery = (id: string) =>
  queryOptions({
    queryKey: ["notebook-comments", id],
    queryFn: ({ signal }) => json<{ items: Comment[] }>(at(id, "/comments"), "GET", undefined, signal),
  });

export const writeComment = (id: string, comment: { body: string; cell?: string; thread?: string }) =>
  json<Comment>(at(id, "/comments"), "POST", comment);
export const changeComment = (id: string, comment: string, change: { body?: string; resolved?: boolean }) =>
  json<Comment>(at(id, `/comments/${encodeURIComponent(comment)}`), "PATCH", change);
export const deleteComment = (id: string, comment: string) =>
  json<void>(at(id, `/comments/${encodeURIComponent(comment)}`), "DELETE");

/** How much its outputs store, and may. */
export const usageQuery = (id: string) =>
  queryOptions({
    queryKey: ["notebook-usage", id],
    queryFn: ({ signal }) => json<Usage>(at(id, "/usage"), "GET", undefined, signal),
  });

/** The newest first. */
export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["notebook-versions", id],
    queryFn: ({ signal }) => json<{ items: Version[] }>(at(id, "/versions"), "GET", undefined, signal),
  });

export const versionQuery = (id: string, version: string) =>
  queryOptions({
    queryKey: ["notebook-version", id, version],
    queryFn: ({ signal }) =>
      json<Version & { content: unknown }>(
        at(id, `/versions/${encodeURIComponent(version)}`),
        "GET",
        undefined,
        signal,
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const keepVersion = (id: string, name: string) => json<Version>(at(id, "/versions"), "POST", { name });
export const restoreVersion = (id: string, version: string) =>
  json<unknown>(at(id, `/versions/${encodeURIComponent(version)}/restore`), "POST");

/** Decides which of two versions is right. */
export const resolveConflict = (id: string, conflict: string, keep: "ours" | "theirs") =>
  json<unknown>(at(id, `/conflicts/${encodeURIComponent(conflict)}`), "POST", { keep });

/** Writes the file; `believe` when the document is right although it has lost cells. */
export const checkpoint = (id: string, believe: boolean) => json<unknown>(at(id, "/checkpoint"), "POST", { believe });
