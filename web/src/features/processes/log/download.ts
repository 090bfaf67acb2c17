import { request } from "@/shared/api/client";
import type { VersionView } from "@/shared/api/types";
import { saveAs } from "@/shared/lib/save";
import { toast } from "@/shared/ui/toast";

/** Hands the whole log, as the program wrote it, to the browser's downloads. */
export function useDownload(version: VersionView): () => Promise<void> {
  return async () => {
    try {
      const path = `/api/processes/${version.process}/logs?version=${version.version}`;
      const answer = await request(path, { headers: { accept: "text/plain" } });
      saveAs(await answer.blob(), `${version.process}-v${version.version}.log`);
    } catch (error) {
      toast.error(error, "The log was not downloaded");
    }
  };
}
