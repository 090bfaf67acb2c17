import { useEffect, useMemo, useRef } from "react";
import { type PanelProps, usePanelMenu, usePanelTitle } from "@/shared/panels/panel";
import { useSelection } from "@/shared/selection/selection";
import { DataBrowser } from "./browser";
import { type Choice, choiceFrom, narrowed } from "./choice";

/** The browser of data as a panel: it shows what is selected in the project, wherever that was done. */
export default function DatasetBrowser({ project, settings, onSettings }: PanelProps) {
  const choice = useMemo(() => choiceFrom(settings), [settings]);
  const { data } = useSelection(project.id);
  // Only a new selection moves the panel: one that was closed here stays closed.
  const followed = useRef<string>(undefined);
  useEffect(() => {
    if (data === followed.current) return;
    followed.current = data;
    if (data && data !== choice.data) onSettings({ ...choice, data });
  }, [data, choice, onSettings]);

  usePanelTitle(choice.name ? `Data: ${choice.name}` : undefined);
  usePanelMenu(
    useMemo(
      () => [
        {
          id: "data.everything",
          label: "Show everything again",
          disabled: !narrowed(choice),
          run: () => onSettings({ sort: choice.sort, data: choice.data }),
        },
        {
          id: "data.close",
          label: "Close the preview",
          disabled: !choice.data,
          run: () => onSettings({ ...choice, data: undefined }),
        },
      ],
      [choice, onSettings],
    ),
  );
  return (
    <div className="h-full min-h-0 p-3">
      <DataBrowser project={project} choice={choice} onChoice={(next: Choice) => onSettings({ ...next })} />
    </div>
  );
}
