import { createContext, useContext } from "react";
import type { ProjectView } from "@/shared/api/types";
import type { Focus } from "./cells/focus";
import type { Commands } from "./model/commands";
import type { NotebookSession } from "./model/session";
import type { SidePart } from "./side/side";

/** What the parts of an open notebook share. */
export interface Open {
  project: ProjectView;
  session: NotebookSession;
  focus: Focus;
  commands: Commands;
  mayEdit: boolean;
  mayRun: boolean;
  /** Shows a part beside the cells. */
  onSide: (side: SidePart) => void;
}

export const OpenContext = createContext<Open | undefined>(undefined);

export function useOpen(): Open {
  const open = useContext(OpenContext);
  if (!open) throw new Error("outside of an open notebook");
  return open;
}
