import { useNavigate } from "@tanstack/react-router";
import type { Project, Workspace } from "@/shared/api/types";

/** Where one goes with a workspace. */
export function usePlaces(project: Project) {
  const navigate = useNavigate();
  const params = { project: project.name };
  return {
    toDetail: ({ id }: Workspace) =>
      void navigate({ to: "/projects/$project/workspaces/$workspace", params: { ...params, workspace: id } }),
    toList: () => void navigate({ to: "/projects/$project/workspaces", params }),
    /** Shows it as a panel of the workbench. */
    toPane: ({ id }: Workspace) => void navigate({ to: "/projects/$project/bench", params, search: { workspace: id } }),
  };
}
