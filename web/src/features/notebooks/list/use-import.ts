import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ProjectView } from "@/shared/api/types";
import { plural } from "@/shared/lib/format";
import { toast } from "@/shared/ui/toast";
import { createNotebook, createOfFile, fileName, type Notebook } from "../queries";

/** As the server takes it as a file. */
const MOST = 256_000_000;
/** As it takes it inside of a request, with room for what stands around it; what is larger goes as a file. */
const INSIDE = 3_500_000;

/** What the file says, or why it is no notebook. */
export async function read(file: File): Promise<unknown> {
  if (file.size > MOST) throw new Error("it is larger than 256 MB");
  let content: unknown;
  try {
    content = JSON.parse(await file.text());
  } catch {
    throw new Error("it is no notebook: its text is not JSON");
  }
  const { nbformat, cells } = (content ?? {}) as { nbformat?: unknown; cells?: unknown };
  if (typeof nbformat !== "number") throw new Error("it is no notebook: it does not say its format");
  if (nbformat < 4 || !Array.isArray(cells)) {
    throw new Error(`its format is ${nbformat}; open and save it in Jupyter to make it format 4`);
  }
  return content;
}

/** Makes notebooks of files. */
export function useImport(project: ProjectView, onDone: (notebook: Notebook) => void) {
  const client = useQueryClient();
  const [importing, setImporting] = useState(false);
  async function take(files: readonly File[]) {
    if (files.length === 0) return;
    setImporting(true);
    const made: Notebook[] = [];
    for (const file of files) {
      try {
        const title = file.name.replace(/\.ipynb$/i, "");
        const content = await read(file);
        const fresh = { project: project.name, name: fileName(title), title };
        made.push(file.size > INSIDE ? await createOfFile(fresh, file) : await createNotebook({ ...fresh, content }));
      } catch (error) {
        toast.error(error, `${file.name} can't be imported`);
      }
    }
    setImporting(false);
    await client.invalidateQueries({ queryKey: ["notebooks"] });
    const [one] = made;
    if (one && made.length === 1) onDone(one);
    else if (made.length > 1) toast.done(`${plural(made.length, "notebook")} imported`);
  }
  return { importing, take };
}
