// What plots and maps offer for an upload or a dataset.

import { Link } from "@tanstack/react-router";
import { Map as MapIcon } from "lucide-react";
import { hasPlaces } from "@/features/maps/places";
import type { DataSlots } from "@/features/storage/slots";
import { buttonClass } from "@/shared/ui/button";

export const dataSlots: DataSlots = {
  actions: (project, item) =>
    hasPlaces(item) && (
      <Link
        className={buttonClass()}
        to="/projects/$project/figures/$figure"
        params={{ project: project.name, figure: "new" }}
        search={{ kind: "map", data: item.id }}
      >
        <MapIcon aria-hidden className="size-4" />
        Show on map
      </Link>
    ),
};
