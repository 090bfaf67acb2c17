// Threads at cells. A comment is not part of the document: whoever may only look and comment can write one.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { MessageSquare, RotateCcw } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { ago, moment } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { toast } from "@/shared/ui/toast";
import { useActive } from "../cells/focus";
import { useOpen } from "../context";
import { useOrder } from "../model/store";
import { type Comment, changeComment, commentsQuery, deleteComment, writeComment } from "../queries";
import { WriteBox } from "./write-box";

export function Comments() {
  const { session, focus } = useOpen();
  const client = useQueryClient();
  const comments = useQuery(commentsQuery(session.id));
  const order = useOrder(session.store);
  const active = useActive(focus);
  const [resolved, setResolved] = useState(false);
  const { comment: may } = session.may;
  const again = () => void client.invalidateQueries({ queryKey: ["notebook-comments", session.id] });

  const list = useRef<HTMLUListElement>(null);
  const loaded = comments.isSuccess;
  // What is said about the cell that is active comes into sight.
  useEffect(() => {
    if (!loaded || active === undefined) return;
    list.current?.querySelector(`[data-about="${CSS.escape(active)}"]`)?.scrollIntoView({ block: "nearest" });
  }, [loaded, active]);

  if (comments.isError) return <Failure error={comments.error} retry={() => void comments.refetch()} />;
  if (comments.isPending) return <SkeletonRows rows={3} className="h-16" />;
  const all = comments.data.items;
  const place = ({ cell }: Comment) => (cell ? order.indexOf(cell) : -1);
  const isFirst = (one: Comment) => one.thread === one.id;
  const threads = all
    .filter((one) => isFirst(one) && (resolved || !one.resolved_at))
    .sort((a, b) => place(a) - place(b) || a.created_at.localeCompare(b.created_at));
  const hidden = all.filter((one) => isFirst(one) && one.resolved_at).length;
  return (
    <div className="space-y-3">
      {may && active !== undefined && order.includes(active) && (
        <WriteBox
          key={active}
          label={`Comment on cell ${order.indexOf(active) + 1}`}
          onWrite={async (text) => {
            await writeComment(session.id, { cell: active, body: text });
            again();
          }}
        />
      )}
      {threads.length === 0 && (
        <Empty icon={MessageSquare} title="No open comments">
          {may
            ? "Choose a cell and write what should be talked about."
            : "Comments of people who may write them stand here."}
        </Empty>
      )}
      <ul ref={list} className="space-y-3" aria-label="Comments">
        {threads.map((thread) => (
          <Thread
            key={thread.id}
            thread={thread}
            answers={all.filter((one) => one.thread === thread.id && !isFirst(one))}
            at={place(thread)}
            chosen={thread.cell === active && active !== undefined}
            onGo={() => {
              if (!thread.cell) return;
              focus.go(thread.cell);
              focus.show(thread.cell, "center");
            }}
            onChanged={again}
          />
        ))}
      </ul>
      {hidden > 0 && (
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={resolved}
            onChange={(event) => setResolved(event.target.checked)}
          />
          Show {hidden} resolved
        </label>
      )}
    </div>
  );
}

interface ThreadProps {
  thread: Comment;
  answers: readonly Comment[];
  at: number;
  /** It is about the cell that is active. */
  chosen: boolean;
  onGo: () => void;
  onChanged: () => void;
}

function Thread({ thread, answers, at, chosen, onGo, onChanged }: ThreadProps) {
  const { session } = useOpen();
  const { comment: may } = session.may;
  const [answering, setAnswering] = useState(false);
  const act = (deed: Promise<unknown>) => void deed.then(onChanged, (error) => toast.error(error));
  return (
    <li
      className={`card space-y-2 p-3 ${chosen ? "border-accent!" : ""}`}
      data-resolved={Boolean(thread.resolved_at)}
      data-about={thread.cell ?? undefined}
    >
      <div className="flex items-center justify-between gap-2">
        {at < 0 ? (
          <span className="text-sm text-muted">{thread.cell ? "Its cell is gone" : "The notebook"}</span>
        ) : (
          <button type="button" className="link text-sm" onClick={onGo}>
            Cell {at + 1}
          </button>
        )}
        {may && (
          <Button
            look="quiet"
            className="min-h-7! px-2! py-0!"
            onClick={() => act(changeComment(session.id, thread.id, { resolved: !thread.resolved_at }))}
          >
            {thread.resolved_at && <RotateCcw aria-hidden className="size-3.5" />}
            {thread.resolved_at ? "Open again" : "Resolve"}
          </Button>
        )}
      </div>
      {[thread, ...answers].map((one) => (
        <div key={one.id} className="text-sm">
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span className="font-medium">{one.author.name}</span>
            <time className="text-xs text-muted" dateTime={one.created_at} title={moment(one.created_at)}>
              {ago(one.created_at)}
            </time>
            {one.author.id === session.user.id && (
              <button
                type="button"
                className="link text-xs"
                aria-label="Delete this comment"
                onClick={() => act(deleteComment(session.id, one.id))}
              >
                Delete
              </button>
            )}
          </p>
          <p className="whitespace-pre-wrap wrap-anywhere">{one.body}</p>
        </div>
      ))}
      {may &&
        (answering ? (
          <WriteBox
            label="Answer"
            onWrite={async (text) => {
              await writeComment(session.id, { body: text, thread: thread.id });
              setAnswering(false);
              onChanged();
            }}
          />
        ) : (
          <button type="button" className="link text-sm" onClick={() => setAnswering(true)}>
            Answer
          </button>
        ))}
    </li>
  );
}
