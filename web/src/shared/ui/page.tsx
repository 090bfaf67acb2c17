import { type ReactNode, useEffect, useRef } from "react";

interface Props {
  title: string;
  /** Shown instead of the plain title. */
  heading?: ReactNode;
  actions?: ReactNode;
  /** As high and wide as the window, for a screen whose parts scroll by themselves. */
  fill?: boolean;
  children: ReactNode;
}

/** A screen: names the browser's tab and its heading, which takes the focus so that a screen reader says where one is. */
export function Page({ title, heading, actions, fill = false, children }: Props) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Castalia`;
  }, [title]);
  useEffect(() => {
    // Not over a field that asked for the focus itself.
    if (document.activeElement === document.body || document.activeElement?.closest("nav, header")) {
      ref.current?.focus({ preventScroll: true });
    }
  }, []);
  return (
    <div
      className={
        fill ? "flex h-full min-h-0 flex-col gap-3 p-4 md:p-5" : "mx-auto w-full max-w-6xl space-y-5 p-4 md:p-6"
      }
    >
      <div className="flex min-h-9 flex-wrap items-center justify-between gap-3">
        <h1 ref={ref} tabIndex={-1} className="min-w-0 outline-none wrap-anywhere">
          {heading ?? title}
        </h1>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
