import type { PanelProps } from "@/shared/panels/panel";
import { usePlaces } from "./use-places";
import { WorkspacesView } from "./view";
import { useOpenActions } from "./workspaces-page";

/** Workspaces as a panel. */
export default function Workspaces({ project }: PanelProps) {
  const { toDetail, toPane } = usePlaces(project);
  useOpenActions(project);
  return (
    <div className="h-full min-h-0 overflow-auto p-3">
      <WorkspacesView project={project} onOpened={toDetail} onPane={toPane} />
    </div>
  );
}
