// A short tour. It is not modal: one can work on while it stands there, and leave it at any step.

import { useNavigate } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { Button } from "@/shared/ui/button";
import { setTour, useTour } from "./state";
import { steps } from "./steps";

export default function Tour({ project }: { project: string | undefined }) {
  const state = useTour();
  if (state === undefined || project === undefined) return null;
  if (state === "offered") return <Offer />;
  return <StepCard key={state} project={project} at={state} />;
}

function Offer() {
  return (
    <aside
      aria-label="Offer of a tour"
      className="card fixed bottom-4 left-4 z-40 w-80 max-w-[calc(100vw-2rem)] space-y-3 p-4 shadow-lg"
    >
      <h2>New here?</h2>
      <p className="text-sm text-muted">Six short steps show where things are. You can leave at any of them.</p>
      <div className="flex gap-2">
        <Button look="primary" onClick={() => setTour(0)}>
          Take the tour
        </Button>
        <Button look="quiet" onClick={() => setTour(undefined)}>
          No, thanks
        </Button>
      </div>
    </aside>
  );
}

interface Place {
  left: number;
  top: number;
  width: number;
  height: number;
}

function StepCard({ project, at }: { project: string; at: number }) {
  const step = steps[at];
  const navigate = useNavigate();
  const card = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const id = useId();
  const target = useTarget(step?.at ?? []);
  const page = step?.page;
  const last = at === steps.length - 1;

  useEffect(() => {
    if (page === "bench" && !location.pathname.endsWith("/bench")) {
      void navigate({ to: "/projects/$project/bench", params: { project } });
    }
  }, [page, project, navigate]);

  // A screen reader says where one is; the keyboard continues here.
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);

  useEffect(() => {
    const leave = (event: KeyboardEvent) => {
      // Escape of a dialog or a menu is theirs.
      if (event.key !== "Escape" || event.defaultPrevented) return;
      if (document.querySelector("dialog:modal, [role=menu]")) return;
      setTour(undefined);
    };
    document.addEventListener("keydown", leave);
    return () => document.removeEventListener("keydown", leave);
  }, []);

  const [place, setPlace] = useState<{ left: number; top: number }>();
  useLayoutEffect(() => {
    const size = card.current?.getBoundingClientRect();
    if (size) setPlace(beside(target, size));
  }, [target]);

  if (!step) return null;
  return (
    <>
      {target && (
        <div
          aria-hidden
          className="pointer-events-none fixed z-40 rounded-lg border-2 border-accent shadow-[0_0_0_4px_var(--color-accent-soft)]"
          style={{ left: target.left - 4, top: target.top - 4, width: target.width + 8, height: target.height + 8 }}
        />
      )}
      <section
        ref={card}
        aria-labelledby={id}
        className="card fixed z-50 w-80 max-w-[calc(100vw-2rem)] space-y-3 border-accent p-4 shadow-xl"
        style={place ?? { right: 16, bottom: 16 }}
      >
        <div className="flex items-start gap-2">
          <h2 ref={heading} id={id} tabIndex={-1} className="flex-1 outline-none">
            {step.title}
          </h2>
          <Button
            look="quiet"
            className="-mt-1.5 -mr-2 px-1.5"
            aria-label="Leave the tour"
            onClick={() => setTour(undefined)}
          >
            <X aria-hidden className="size-4" />
          </Button>
        </div>
        <p className="text-sm">{step.text}</p>
        <div className="flex items-center gap-2">
          <span className="flex-1 text-sm text-muted">
            Step {at + 1} of {steps.length}
          </span>
          {at > 0 && <Button onClick={() => setTour(at - 1)}>Back</Button>}
          <Button look="primary" onClick={() => setTour(last ? undefined : at + 1)}>
            {last ? "Done" : "Next"}
          </Button>
        </div>
      </section>
    </>
  );
}

/** Where the first of these is on screen; it is looked for until the page has drawn it, and followed when it moves. */
function useTarget(names: readonly string[]): Place | undefined {
  const [place, setPlace] = useState<Place>();
  const wanted = names.join(" ");
  useEffect(() => {
    const look = () => {
      const found = wanted
        .split(" ")
        .map((name) => document.querySelector(`[data-tour="${name}"]`))
        .map((element) => element?.closest("[role=tab]") ?? element)
        .map((element) => element?.getBoundingClientRect())
        .find((rect) => rect && rect.width > 0 && rect.height > 0);
      setPlace((before) => {
        if (!found) return undefined;
        const { left, top, width, height } = found;
        const same =
          before && before.left === left && before.top === top && before.width === width && before.height === height;
        return same ? before : { left, top, width, height };
      });
    };
    look();
    const timer = setInterval(look, 250);
    return () => clearInterval(timer);
  }, [wanted]);
  return place;
}

const GAP = 12;

/** Below what it points at, else above, else beside it; always on screen. */
function beside(target: Place | undefined, card: { width: number; height: number }) {
  if (!target) return undefined;
  const below = target.top + target.height + GAP;
  const above = target.top - card.height - GAP;
  const top = below + card.height <= innerHeight - GAP ? below : above >= GAP ? above : target.top;
  const left = Math.max(GAP, Math.min(target.left, innerWidth - card.width - GAP));
  return { left, top: Math.max(GAP, Math.min(top, innerHeight - card.height - GAP)) };
}
