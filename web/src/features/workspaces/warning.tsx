// The warning before a workspace is stopped for being idle, wherever in the project its owner is.

import { api, body } from "@/shared/api/client";
import type { Event } from "@/shared/api/types";
import { Button } from "@/shared/ui/button";
import { toast } from "@/shared/ui/toast";

interface Details {
  workspace: string;
  /** Whose it is; administrators hear of everybody's. */
  owner: string;
  stops_at: string;
}

const KEEP_FOR = 4 * 60;

/** Tells `user` of it, with a button that keeps the workspace. */
export async function warnOfIdleness({ data }: Event, user: string): Promise<void> {
  const { workspace, owner, stops_at: stops } = data as unknown as Details;
  if (owner !== user) return;
  const params = { path: { workspace } };
  const { title } = await body(api.GET("/api/workspaces/{workspace}", { params }));
  const at = new Date(stops).toLocaleTimeString(undefined, { timeStyle: "short" });
  toast.warn(`Nothing happens in ${title}: it is stopped at ${at}. Its files stay.`, (dismiss) => (
    <Button
      onClick={async () => {
        dismiss();
        try {
          await api.POST("/api/workspaces/{workspace}/keep", { params, body: { minutes: KEEP_FOR } });
          toast.done(`${title} is kept for 4 hours`);
        } catch (error) {
          toast.error(error, `${title} is not kept`);
        }
      }}
    >
      Keep it for 4 hours
    </Button>
  ));
}
