import { useQuery } from "@tanstack/react-query";
import { MessageSquare } from "lucide-react";
import { useCallback } from "react";
import { plural } from "@/shared/lib/format";
import { useOpen } from "../context";
import { type Comment, commentsQuery } from "../queries";

/** How many threads about a cell are not settled. */
export const openThreads = (comments: readonly Comment[], cell: string): number =>
  comments.filter((one) => one.cell === cell && one.thread === one.id && !one.resolved_at).length;

/** That a cell is talked about; shows the threads. */
export function CommentMark({ cell, label }: { cell: string; label: string }) {
  const { session, focus, onSide } = useOpen();
  const select = useCallback((page: { items: readonly Comment[] }) => openThreads(page.items, cell), [cell]);
  const count = useQuery({ ...commentsQuery(session.id), select }).data ?? 0;
  if (count === 0) return null;
  const words = `${plural(count, "open thread")} at ${label}`;
  return (
    <button
      type="button"
      className="nb-comment-mark"
      aria-label={words}
      title={words}
      onClick={() => {
        focus.note(cell, "command");
        onSide("comments");
      }}
    >
      <MessageSquare aria-hidden className="size-3.5" />
      {count}
    </button>
  );
}
