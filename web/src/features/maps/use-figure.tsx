import { useQueryClient } from "@tanstack/react-query";
import { FilePlus2, FolderOpen, Save, SaveAll } from "lucide-react";
import { type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import { useMay } from "@/features/identity/account";
import { ConflictDialog, NameDialog, OpenDialog } from "@/features/plots/figures/dialogs";
import { createFigure, figureQuery, putFigure, type SavedFigure } from "@/features/plots/figures/queries";
import { Problem } from "@/shared/api/problem";
import type { MenuItem, PanelProps } from "@/shared/panels/panel";
import { toast } from "@/shared/ui/toast";
import type { MapSettings } from "./model";
import type { MapSpec, SavedMap } from "./use-settings";

type Asked = "name" | "open" | "conflict";

/** Save, save as and open: the map as a figure of the project. */
export function useFigure({ project, onSettings }: PanelProps, settings: MapSettings, saved: SavedMap) {
  const client = useQueryClient();
  const may = useMay(project.id);
  const [creates, updates] = [may("figures.create"), may("figures.update")];
  const [asked, setAsked] = useState<Asked>();
  const now = useRef({ settings, saved, onSettings });
  now.current = { settings, saved, onSettings };

  const keep = useCallback(
    async (what: Promise<SavedFigure>) => {
      const figure = await what;
      client.setQueryData(figureQuery(project.name, figure.id).queryKey, figure);
      void client.invalidateQueries({ queryKey: ["figures", project.name, "list"] });
      now.current.onSettings({ figure: figure.id, side: now.current.settings.side });
      setAsked(undefined);
      toast.done(`${figure.name} is saved`);
    },
    [client, project.name],
  );
  const spec = (): MapSpec => {
    const { layers, view, graticule } = now.current.settings;
    return { layers, view, graticule };
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is saved is read when it is saved
  const saveAs = useCallback(
    (name: string) => keep(createFigure(project.name, { name, kind: "map", spec: spec() })),
    [keep, project.name],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const save = useCallback(
    async (over = false) => {
      const { figure, base } = now.current.saved;
      if (!figure) return setAsked("name");
      try {
        const fresh = over
          ? await client.fetchQuery({ ...figureQuery(project.name, figure.id), staleTime: 0 })
          : figure;
        const revision = over ? fresh.revision : (base ?? figure.revision);
        await keep(putFigure(project.name, fresh.id, { name: fresh.name, spec: spec(), revision }));
      } catch (error) {
        if (error instanceof Problem && error.code === "figure_changed") setAsked("conflict");
        else toast.error(error, "The map was not saved");
      }
    },
    [client, keep, project.name],
  );

  const own = saved.figure;
  const empty = settings.layers.length === 0;
  const items = useMemo(
    (): MenuItem[] => [
      {
        id: "save",
        label: own ? `Save ${own.name}` : "Save…",
        icon: Save,
        disabled: own ? !updates : empty || !creates,
        run: () => void save(),
      },
      { id: "save-as", label: "Save as…", icon: SaveAll, disabled: empty || !creates, run: () => setAsked("name") },
      { id: "open", label: "Open…", icon: FolderOpen, run: () => setAsked("open") },
      {
        id: "new",
        label: "New map",
        icon: FilePlus2,
        disabled: empty && !own,
        run: () => now.current.onSettings({}),
      },
    ],
    [own, updates, creates, empty, save],
  );

  const close = () => setAsked(undefined);
  const show = (figure: string) => {
    onSettings({ figure, side: settings.side });
    close();
  };
  const dialogs: Record<Asked, ReactNode> = {
    name: <NameDialog given={own?.name ?? settings.layers.at(-1)?.name ?? ""} onName={saveAs} onClose={close} />,
    open: <OpenDialog project={project.name} kind="map" onOpen={show} onClose={close} />,
    conflict: (
      <ConflictDialog
        name={own?.name ?? "The map"}
        onTheirs={() => {
          void client.invalidateQueries({ queryKey: ["figures", project.name] });
          if (own) show(own.id);
        }}
        onMine={() => void save(true)}
        onBoth={() => setAsked("name")}
        onClose={close}
      />
    ),
  };
  return { items, dialog: asked && dialogs[asked] };
}
