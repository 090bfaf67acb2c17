// The one vocabulary of states: icon, word and colour, the same wherever a state is shown.

import { Ban, CircleCheck, CircleDashed, CircleX, Hourglass, LoaderCircle, type LucideIcon } from "lucide-react";
import type { State } from "@/shared/api/types";

export interface Look {
  icon: LucideIcon;
  word: string;
  colour: string;
  spins?: boolean;
}

export const vocabulary: Record<State, Look> = {
  queued: { icon: Hourglass, word: "Queued", colour: "text-queued bg-queued-soft" },
  starting: { icon: CircleDashed, word: "Starting", colour: "text-starting bg-starting-soft", spins: true },
  running: { icon: LoaderCircle, word: "Running", colour: "text-running bg-running-soft", spins: true },
  completed: { icon: CircleCheck, word: "Completed", colour: "text-completed bg-completed-soft" },
  failed: { icon: CircleX, word: "Failed", colour: "text-failed bg-failed-soft" },
  cancelled: { icon: Ban, word: "Cancelled", colour: "text-cancelled bg-cancelled-soft" },
};

/** All of them, in the order of a life. */
export const states = Object.keys(vocabulary) as readonly State[];

export const isState = (value: unknown): value is State => states.some((state) => state === value);

/** Whether nothing more will happen. */
export function ended(state: State): boolean {
  return state === "completed" || state === "failed" || state === "cancelled";
}

export function stateWord(state: State): string {
  return vocabulary[state].word;
}

/** For places too small for a badge; put the word beside it or into the name of what it stands in. */
export function StateIcon({ state, className = "" }: { state: State; className?: string }) {
  const { icon: Icon, colour, spins } = vocabulary[state];
  return (
    <span aria-hidden className={`inline-flex items-center justify-center rounded-full ${colour} ${className}`}>
      <Icon className={`size-[60%] ${spins ? "animate-spin" : ""}`} />
    </span>
  );
}

export function StateBadge({ state, stopping = false }: { state: State; stopping?: boolean }) {
  const look = vocabulary[state];
  return <Badge name={state} look={stopping && !ended(state) ? { ...look, word: "Stopping" } : look} />;
}

/** A state as icon, word and colour. */
export function Badge({ name, look: { icon: Icon, word, colour, spins } }: { name: string; look: Look }) {
  return (
    <span
      className={`inline-flex w-max items-center gap-1.5 rounded-full px-2 py-0.5 text-sm font-medium ${colour}`}
      data-state={name}
    >
      <Icon aria-hidden className={`size-4 ${spins ? "animate-spin" : ""}`} />
      {word}
    </span>
  );
}

export function ProgressBar({ fraction, label }: { fraction: number; label: string }) {
  const percent = Math.round(fraction * 100);
  return (
    <div className="flex items-center gap-2">
      <progress className="h-2 w-full accent-accent" max={100} value={percent} aria-label={label} />
      <span className="w-10 text-right text-sm text-muted tabular-nums">{percent}%</span>
    </div>
  );
}
