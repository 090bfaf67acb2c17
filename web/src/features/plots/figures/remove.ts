import type { QueryClient } from "@tanstack/react-query";
import { removeWithUndo } from "@/shared/undo/notice";
import { deleteFigure, type FigureEntry, figuresQuery } from "./queries";

/** Takes a figure out of sight and deletes it when nobody calls it back. */
export function removeFigure(client: QueryClient, project: string, figure: FigureEntry, onShow?: () => void): void {
  const { queryKey } = figuresQuery(project);
  removeWithUndo({
    text: `${figure.name} was deleted`,
    title: `Deletion of ${figure.name}`,
    hide: () => client.setQueryData(queryKey, (list) => list?.filter(({ id }) => id !== figure.id)),
    show: () => {
      void client.invalidateQueries({ queryKey });
      onShow?.();
    },
    commit: (leaving) => deleteFigure(project, figure.id, leaving),
  });
}
