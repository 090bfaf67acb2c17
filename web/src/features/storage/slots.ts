// What other features add to the page of an upload or a dataset: the app fills it in, as storage knows none of them.

import { createContext, type ReactNode } from "react";
import type { Dataset, ProjectView, Upload } from "@/shared/api/types";

export interface DataSlots {
  /** Buttons beside Download, such as "Show on map". */
  actions?: (project: ProjectView, item: Upload | Dataset) => ReactNode;
  /** Stands instead of the plain list of what it was made from and into. */
  lineage?: (project: ProjectView, item: Upload | Dataset) => ReactNode;
}

export const DataSlotsContext = createContext<DataSlots>({});
