// Colour scales that stay readable without seeing red or green, and their legend.

import type { Theme } from "../theme";
import { plainText } from "../words";
import type { Column, Setting } from "./element";

export const scaleSetting: Setting = {
  id: "scale",
  title: "Colour scale",
  kind: "choice",
  options: [
    ["Viridis", "Viridis"],
    ["Cividis", "Cividis"],
    ["Greys", "Greys"],
    ["RdBu", "Blue to red, for values around a middle"],
  ],
  fallback: "Viridis",
};

export function colorBar({ name, unit }: Pick<Column, "name" | "unit">, theme: Theme) {
  return {
    title: { text: plainText(unit ? `${name} (${unit})` : name), side: "right" },
    thickness: 14,
    outlinecolor: theme.grid,
    tickfont: { color: theme.ink },
  };
}
