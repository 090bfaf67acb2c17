import { useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { type DragEvent, type ReactNode, type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { useMay } from "@/features/identity/account";
import type { ProjectView } from "@/shared/api/types";
import { toast } from "@/shared/ui/toast";
import { shownName } from "../shown-text";
import { chosen, dropped } from "./dropped";
import { type NamedFile, onSent, send } from "./sending";

export interface Uploading {
  project: ProjectView;
  /** Whether one may bring files here. */
  allowed: boolean;
  /** Opens the browser's dialog. */
  choose: () => void;
  chooseFolder: () => void;
  take: (files: Promise<NamedFile[]>) => Promise<void>;
  inputs: { files: RefObject<HTMLInputElement | null>; folder: RefObject<HTMLInputElement | null> };
}

export function useUploading(project: ProjectView): Uploading {
  const may = useMay(project.id);
  const client = useQueryClient();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  useEffect(
    () =>
      onSent((sending) => {
        toast.done(`${shownName(sending.name)} is uploaded`);
        void client.invalidateQueries({ queryKey: ["uploads", sending.project.name] });
      }),
    [client],
  );
  return {
    project,
    allowed: may("uploads.create") && !project.archived,
    choose: useCallback(() => files.current?.click(), []),
    chooseFolder: useCallback(() => folder.current?.click(), []),
    take: async (given) => {
      try {
        await send({ id: project.id, name: project.name }, await given);
      } catch (error) {
        toast.error(error, "Nothing was uploaded");
      }
    },
    inputs: { files, folder },
  };
}

/** All of its area takes files by drop. */
export function DropTarget({ uploading, children }: { uploading: Uploading; children: ReactNode }) {
  const { allowed, take, inputs } = uploading;
  // Entering a child comes before leaving its parent, so they are counted.
  const depth = useRef(0);
  const [over, setOver] = useState(false);
  const bringsFiles = (event: DragEvent) => allowed && event.dataTransfer.types.includes("Files");
  const leave = () => {
    depth.current = Math.max(0, depth.current - 1);
    if (depth.current === 0) setOver(false);
  };
  const input = (ref: RefObject<HTMLInputElement | null>, label: string, folder: boolean) => (
    <input
      ref={ref}
      type="file"
      multiple
      hidden
      // React knows it by no other name.
      {...(folder && { webkitdirectory: "" })}
      aria-label={label}
      onChange={(event) => {
        void take(Promise.resolve(chosen(event.target.files ?? [])));
        event.target.value = "";
      }}
    />
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a short cut for the button inside
    <div
      className="relative h-full min-h-0"
      onDragEnter={(event) => {
        if (!bringsFiles(event)) return;
        event.preventDefault();
        depth.current += 1;
        setOver(true);
      }}
      onDragOver={(event) => {
        if (bringsFiles(event)) event.preventDefault();
      }}
      onDragLeave={(event) => {
        if (bringsFiles(event)) leave();
      }}
      onDrop={(event) => {
        if (!bringsFiles(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        void take(dropped(event.dataTransfer));
      }}
    >
      {children}
      {allowed && input(inputs.files, "Files to upload", false)}
      {allowed && input(inputs.folder, "Folder to upload", true)}
      {over && (
        <div className="pointer-events-none absolute inset-0 z-30 flex items-center justify-center rounded-lg border-2 border-dashed border-accent bg-accent-soft/90">
          <p className="flex items-center gap-3 text-lg font-medium">
            <FileUp aria-hidden className="size-7 text-accent" />
            Drop to upload to {uploading.project.title}
          </p>
        </div>
      )}
    </div>
  );
}
