import { useQueryClient } from "@tanstack/react-query";
import { Braces, FileImage, FileUp, Image } from "lucide-react";
import { useMemo, useRef } from "react";
import { request } from "@/shared/api/client";
import { saveAs } from "@/shared/lib/save";
import type { MenuItem, PanelProps } from "@/shared/panels/panel";
import { toast } from "@/shared/ui/toast";
import { build, type Figure, type Loaded } from "../build";
import { offersQuery } from "../data/offers";
import { structureQuery } from "../data/structure";
import type { ElementState } from "../data/use-loaded";
import { pinned, plotFile, readPlotFile, usedData } from "../exchange";
import { readTheme } from "../theme";
import type { Plot } from "./use-plot";

/** Of a picture in a file: a page is about as wide. */
const SIZE = { width: 1000, height: 640, scale: 2 };

const fileName = (title: string) => title.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^-+|-+$/g, "") || "plot";

/** Plotly answers a data address: base 64 for PNG, percent signs for SVG. */
function blobOf(address: string): Blob {
  const [head = "", content = ""] = [address.slice(0, address.indexOf(",")), address.slice(address.indexOf(",") + 1)];
  const type = /^data:([^;,]+)/.exec(head)?.[1] ?? "";
  if (!head.endsWith(";base64")) return new Blob([decodeURIComponent(content)], { type });
  return new Blob([Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0))], { type });
}

/** Pictures and files of the plot, and back. */
export function useExports(
  { project }: PanelProps,
  plot: Plot,
  figure: Figure,
  states: ReadonlyMap<string, ElementState>,
) {
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const now = useRef({ plot, figure, states });
  now.current = { plot, figure, states };

  const items = useMemo((): MenuItem[] => {
    const title = () => now.current.plot.saved.data?.name ?? now.current.plot.spec.title ?? "plot";
    const tell = (error: unknown) => toast.error(error, "The plot was not exported");

    async function picture(format: "png" | "svg") {
      const { picture: draw } = await import("../canvas");
      const { spec } = now.current.plot;
      // For paper: light, whatever is on the screen.
      const theme = readTheme("light");
      const loaded = new Map(
        [...now.current.states].flatMap(([id, { loaded }]): [string, Loaded][] => (loaded ? [[id, loaded]] : [])),
      );
      const address = await draw(build(spec, loaded, { theme, view: now.current.figure.view }), theme, format, SIZE);
      saveAs(blobOf(address), `${fileName(title())}.${format}`);
    }

    async function json() {
      const { spec } = now.current.plot;
      const health = (await (await request("/health")).json()) as { version?: string };
      const file = plotFile({
        ...(spec.title && { title: spec.title }),
        spec,
        data: usedData(spec, (id) => now.current.states.get(id)?.structure),
        project: { id: project.id, name: project.name },
        software: { name: "castalia", version: health.version ?? "unknown" },
        exported_at: new Date().toISOString(),
      });
      saveAs(new Blob([JSON.stringify(file, null, 2)], { type: "application/json" }), `${fileName(title())}.plot.json`);
    }

    const empty = figure.drawn.length === 0;
    return [
      { id: "png", label: "Export as PNG", icon: Image, disabled: empty, run: () => void picture("png").catch(tell) },
      {
        id: "svg",
        label: "Export as SVG",
        icon: FileImage,
        disabled: empty,
        run: () => void picture("svg").catch(tell),
      },
      { id: "json", label: "Export as JSON", icon: Braces, disabled: empty, run: () => void json().catch(tell) },
      { id: "import", label: "Import JSON…", icon: FileUp, run: () => input.current?.click() },
    ];
  }, [project, figure.drawn.length]);

  async function take(file: File) {
    try {
      const read = readPlotFile(await file.text());
      const there = new Map<string, string>();
      const missing: string[] = [];
      for (const used of read.data) {
        const same = await find(used.id, used.sha256, used.name);
        if (same) there.set(used.id, same);
        else missing.push(used.name);
      }
      plot.change("Import of a plot", pinned(read, there));
      if (missing.length > 0) toast.error(new Error(`the data of ${missing.join(", ")} are not in this project`));
      else toast.done("The plot is drawn of the same data as when it was exported");
    } catch (error) {
      toast.error(error, "It can't be imported");
    }
  }

  /** The same content: under the same id, or, in another project, under the same name. */
  async function find(id: string, sha256: string, name: string): Promise<string | undefined> {
    const same = (candidate: string) =>
      client.fetchQuery(structureQuery(candidate)).then(
        (structure) => structure.sha256 === sha256,
        () => false,
      );
    if (await same(id)) return id;
    const { offers } = await client.fetchQuery(offersQuery(project.name));
    for (const offer of offers.filter((other) => other.name === name)) if (await same(offer.id)) return offer.id;
    return undefined;
  }

  const dialog = (
    <input
      ref={input}
      type="file"
      accept=".json,application/json"
      aria-label="A plot to import"
      className="hidden"
      onChange={({ target }) => {
        const [file] = target.files ?? [];
        target.value = "";
        if (file) void take(file);
      }}
    />
  );
  return { items, dialog };
}
