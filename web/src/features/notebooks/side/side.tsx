// What stands beside the cells: variables of the kernel, comments, versions, what is stored. One at a time.

import { X } from "lucide-react";
import { Button } from "@/shared/ui/button";
import { Comments } from "./comments";
import { Storage } from "./storage";
import { Variables } from "./variables";
import { Versions } from "./versions";

export type SidePart = "variables" | "comments" | "versions" | "storage";

export const sideParts: readonly { id: SidePart; label: string }[] = [
  { id: "variables", label: "Variables" },
  { id: "comments", label: "Comments" },
  { id: "versions", label: "Versions" },
  { id: "storage", label: "Storage" },
];

interface Props {
  part: SidePart;
  onPart: (part: SidePart | undefined) => void;
}

export default function Side({ part, onPart }: Props) {
  return (
    <aside aria-label="Beside the cells" className="nb-side">
      <div className="flex items-center gap-1 border-b border-line px-2 py-1">
        {sideParts.map(({ id, label }) => (
          <button
            key={id}
            type="button"
            aria-pressed={part === id}
            className="rounded px-2 py-1 text-sm hover:bg-hover aria-pressed:bg-accent-soft aria-pressed:font-medium"
            onClick={() => onPart(id)}
          >
            {label}
          </button>
        ))}
        <Button look="quiet" className="ml-auto px-1.5!" aria-label="Close" onClick={() => onPart(undefined)}>
          <X aria-hidden className="size-4" />
        </Button>
      </div>
      <div className="min-h-0 flex-1 overflow-auto p-3">
        {part === "variables" && <Variables />}
        {part === "comments" && <Comments />}
        {part === "versions" && <Versions />}
        {part === "storage" && <Storage />}
      </div>
    </aside>
  );
}
