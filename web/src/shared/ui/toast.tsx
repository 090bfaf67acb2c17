// Short notices. Errors stay until they are dismissed and carry the request's id, so that whoever looks into
// the server's log can find it. At most three are shown; an equal one is not repeated.

import { Check, CircleAlert, CircleCheck, Copy, TriangleAlert, X } from "lucide-react";
import { type ReactNode, useState, useSyncExternalStore } from "react";
import { Problem, sentence } from "@/shared/api/problem";

/** Buttons in a notice; a function gets what dismisses it. */
type Action = ReactNode | ((dismiss: () => void) => ReactNode);

interface Toast {
  id: number;
  tone: "done" | "warn" | "error";
  text: string;
  requestId?: string | null;
  action?: Action;
}

const SHOWN = 3;
const DONE_FOR = 6000;

let toasts: readonly Toast[] = [];
let last = 0;
const watchers = new Set<() => void>();

function set(next: readonly Toast[]) {
  toasts = next;
  for (const watcher of watchers) watcher();
}

function add(toast: Omit<Toast, "id">): number {
  const id = ++last;
  set([...toasts.filter((other) => other.text !== toast.text), { ...toast, id }].slice(-SHOWN));
  return id;
}

const dismiss = (id: number) => set(toasts.filter((toast) => toast.id !== id));

export const toast = {
  done(text: string, action?: Action) {
    const id = add({ tone: "done", text, action });
    setTimeout(() => dismiss(id), DONE_FOR);
  },
  /** Stays until it is dismissed or answered. */
  warn(text: string, action?: Action) {
    add({ tone: "warn", text, action });
  },
  error(error: unknown, what?: string) {
    // The banner and the sign-in dialog speak of these two.
    if (error instanceof Problem && (error.code === "unreachable" || error.status === 401)) return;
    const text = what ? `${what}: ${error instanceof Error ? error.message : String(error)}` : sentence(error);
    add({ tone: "error", text, requestId: error instanceof Problem ? error.requestId : null });
  },
};

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      className="inline-flex items-center gap-1 rounded px-1 font-mono text-xs text-muted hover:bg-hover"
      aria-label={`${copied ? "Copied" : label}: ${text}`}
      title={label}
      onClick={async () => {
        await navigator.clipboard.writeText(text);
        setCopied(true);
        setTimeout(() => setCopied(false), 1500);
      }}
    >
      <Icon aria-hidden className="size-3.5" />
      {text}
    </button>
  );
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => toasts,
  );
  return (
    <section
      aria-label="Notices"
      aria-live="polite"
      className="pointer-events-none fixed right-4 bottom-4 z-50 flex w-96 max-w-[calc(100vw-2rem)] flex-col gap-2"
    >
      {shown.map((toast) => (
        <div key={toast.id} className="card pointer-events-auto flex gap-3 p-3 shadow-lg">
          {toast.tone === "error" ? (
            <CircleAlert aria-label="Error" className="mt-0.5 size-5 shrink-0 text-danger" />
          ) : toast.tone === "warn" ? (
            <TriangleAlert aria-label="Warning" className="mt-0.5 size-5 shrink-0 text-warn" />
          ) : (
            <CircleCheck aria-hidden className="mt-0.5 size-5 shrink-0 text-completed" />
          )}
          <div className="min-w-0 flex-1 space-y-1">
            <p className="text-sm wrap-anywhere">{toast.text}</p>
            {typeof toast.action === "function" ? toast.action(() => dismiss(toast.id)) : toast.action}
            {toast.requestId && <CopyButton text={toast.requestId} label="Copy the request's id" />}
          </div>
          <button
            type="button"
            aria-label="Dismiss"
            className="h-6 rounded px-0.5 hover:bg-hover"
            onClick={() => dismiss(toast.id)}
          >
            <X aria-hidden className="size-4" />
          </button>
        </div>
      ))}
    </section>
  );
}
