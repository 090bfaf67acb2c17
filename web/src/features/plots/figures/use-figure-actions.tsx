import { useQueryClient } from "@tanstack/react-query";
import { FilePlus2, FolderOpen, Save, SaveAll, Trash2 } from "lucide-react";
import { type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import { useMay } from "@/features/identity/account";
import { Problem } from "@/shared/api/problem";
import type { MenuItem, PanelProps, Settings } from "@/shared/panels/panel";
import { toast } from "@/shared/ui/toast";
import type { Plot } from "../view/use-plot";
import { ConflictDialog, NameDialog, OpenDialog } from "./dialogs";
import { createFigure, figureQuery, putFigure } from "./queries";
import { removeFigure } from "./remove";

type Asked = "name" | "open" | "conflict";

/** What of the panel's settings is no part of a figure. */
function outside({ setUp, table }: Settings): Settings {
  return { ...(setUp !== undefined && { setUp }), ...(table !== undefined && { table }) };
}

/** Save, save as, open, delete: the plot as a figure of the project. */
export function useFigureActions({ project, settings, onSettings }: PanelProps, plot: Plot) {
  const client = useQueryClient();
  const may = useMay(project.id);
  const [creates, updates, deletes] = [may("figures.create"), may("figures.update"), may("figures.delete")];
  const [asked, setAsked] = useState<Asked>();
  const now = useRef({ plot, settings, onSettings });
  now.current = { plot, settings, onSettings };
  const { figure, saved, dirty } = plot;

  const shown = useCallback((next: Settings) => {
    now.current.onSettings({ ...outside(now.current.settings), ...next });
  }, []);
  const keep = useCallback(
    async (what: Promise<{ id: string; name: string }>) => {
      const figure = await what;
      client.setQueryData(figureQuery(project.name, figure.id).queryKey, figure as never);
      void client.invalidateQueries({ queryKey: ["figures", project.name, "list"] });
      shown({ figure: figure.id });
      setAsked(undefined);
      toast.done(`${figure.name} is saved`);
    },
    [client, project.name, shown],
  );
  const saveAs = useCallback(
    (name: string) => keep(createFigure(project.name, { name, kind: "plot", spec: now.current.plot.spec })),
    [keep, project.name],
  );
  const save = useCallback(
    async (over = false) => {
      const { saved: there, base, spec } = now.current.plot;
      if (!there.data) return setAsked("name");
      try {
        // Over what somebody else did: on top of what is there now.
        const fresh = over
          ? await client.fetchQuery({ ...figureQuery(project.name, there.data.id), staleTime: 0 })
          : there.data;
        const revision = over ? fresh.revision : (base ?? there.data.revision);
        await keep(putFigure(project.name, fresh.id, { name: fresh.name, spec, revision }));
      } catch (error) {
        if (error instanceof Problem && error.code === "figure_changed") setAsked("conflict");
        else toast.error(error, "The figure was not saved");
      }
    },
    [client, keep, project.name],
  );

  const items = useMemo((): MenuItem[] => {
    const empty = plot.spec.elements.length === 0;
    const own = saved.data;
    return [
      {
        id: "save",
        label: own ? `Save ${own.name}` : "Save…",
        icon: Save,
        disabled: own ? !dirty || !updates : empty || !creates,
        run: () => void save(),
      },
      {
        id: "save-as",
        label: "Save as…",
        icon: SaveAll,
        disabled: empty || !creates,
        run: () => setAsked("name"),
      },
      { id: "open", label: "Open…", icon: FolderOpen, run: () => setAsked("open") },
      { id: "new", label: "New plot", icon: FilePlus2, disabled: empty && !figure, run: () => shown({}) },
      ...(own
        ? [
            {
              id: "delete",
              label: `Delete ${own.name}`,
              icon: Trash2,
              disabled: !deletes,
              run: () => {
                removeFigure(client, project.name, own, () => shown({ figure: own.id }));
                shown({});
              },
            },
          ]
        : []),
    ];
  }, [
    plot.spec.elements.length,
    saved.data,
    dirty,
    figure,
    save,
    shown,
    client,
    project.name,
    creates,
    updates,
    deletes,
  ]);

  const close = () => setAsked(undefined);
  const dialogs: Record<Asked, ReactNode> = {
    name: <NameDialog given={saved.data?.name ?? plot.spec.title ?? ""} onName={saveAs} onClose={close} />,
    open: (
      <OpenDialog
        project={project.name}
        onOpen={(id) => {
          shown({ figure: id });
          close();
        }}
        onClose={close}
      />
    ),
    conflict: (
      <ConflictDialog
        name={saved.data?.name ?? "The figure"}
        onTheirs={() => {
          void client.invalidateQueries({ queryKey: ["figures", project.name] });
          if (figure) shown({ figure });
          close();
        }}
        onMine={() => void save(true)}
        onBoth={() => setAsked("name")}
        onClose={close}
      />
    ),
  };
  return { items, name: saved.data?.name, dialog: asked && dialogs[asked] };
}
