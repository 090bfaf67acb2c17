import { CloudCheck, CloudOff, CloudUpload, LoaderCircle } from "lucide-react";
import type { SyncState } from "./model/provider";

/** Whether what was written is safe, always in sight. */
export function SaveState({ state }: { state: SyncState }) {
  const { link, synced, unsaved } = state;
  const [Icon, word, colour, about] =
    link === "offline" || (link === "stopped" && unsaved > 0)
      ? [
          CloudOff,
          unsaved > 0 ? "Offline, edits kept here" : "Offline",
          "text-warn",
          "The server can't be reached. You can go on writing: your edits are kept on this computer and merged when it is back.",
        ]
      : link === "connecting" || !synced
        ? [LoaderCircle, "Connecting", "text-muted", "The notebook is being loaded."]
        : unsaved > 0
          ? [CloudUpload, "Saving", "text-muted", "Your last edits are on their way."]
          : [CloudCheck, "Saved", "text-completed", "Everything you wrote is in the server's database."];
  const name = link === "offline" ? "offline" : !synced ? "connecting" : unsaved > 0 ? "saving" : "saved";
  return (
    <span role="status" title={about} data-save={name} className={`inline-flex items-center gap-1.5 text-sm ${colour}`}>
      <Icon aria-hidden className="size-4" />
      {word}
    </span>
  );
}
