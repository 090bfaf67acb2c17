import { useQueryClient } from "@tanstack/react-query";
import type { Workspace } from "@/shared/api/types";

/** Keeps what is cached in step with an answer. */
export function useTake() {
  const client = useQueryClient();
  return (workspace: Workspace) => {
    client.setQueryData(["workspace", workspace.id], workspace);
    void client.invalidateQueries({ queryKey: ["workspaces"] });
  };
}
