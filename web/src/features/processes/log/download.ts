import { address } from "@/shared/api/client";
import type { VersionView } from "@/shared/api/types";

/** Hands the whole log, as the program wrote it, to the browser's downloads, which need not hold it in memory. */
export function download({ process, version }: VersionView): void {
  const link = document.createElement("a");
  link.href = address(
    `/api/processes/${encodeURIComponent(process)}/logs?version=${version}&format=text&download=true`,
  );
  link.download = `${process}-v${version}.log`;
  link.click();
}
