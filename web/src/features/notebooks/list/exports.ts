// A notebook as a file, in a menu.

import { Download } from "lucide-react";
import { address } from "@/shared/api/client";
import { exportPath, formats, type Notebook } from "../queries";

type Exported = Pick<Notebook, "id" | "name">;

/** The browser fetches the file by itself, so that a large one needs no memory here. */
function download({ id, name }: Exported, format: string): void {
  const link = document.createElement("a");
  link.href = address(exportPath(id, format));
  link.download = name.replace(/\.ipynb$/, `.${format}`);
  link.click();
}

export const exportItems = (notebook: Exported) =>
  formats.map(({ format, label }) => ({
    id: format,
    label: `Export: ${label}`,
    icon: Download,
    run: () => download(notebook, format),
  }));
