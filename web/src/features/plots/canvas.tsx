import { useEffect, useRef, useState } from "react";
import { Failure } from "@/shared/ui/failure";
import { draw, type Layout, purge, resize, type Trace } from "./plotly";

interface Props {
  traces: Trace[];
  layout: Layout;
  /** What the picture shows, in words. */
  label: string;
}

/** Draws, and draws anew when the data, the size or the system's theme changes. */
export default function PlotCanvas({ traces, layout, label }: Props) {
  const ref = useRef<HTMLDivElement>(null);
  const [failure, setFailure] = useState<unknown>();

  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    let gone = false;
    const paint = () =>
      draw(element, traces, layout).then(
        () => {
          if (!gone) element.dataset.drawn = "true";
        },
        (error) => setFailure(error),
      );
    void paint();
    const theme = matchMedia("(prefers-color-scheme: dark)");
    theme.addEventListener("change", paint);
    const observer = new ResizeObserver(() => {
      if (element.dataset.drawn) resize(element);
    });
    observer.observe(element);
    return () => {
      gone = true;
      theme.removeEventListener("change", paint);
      observer.disconnect();
    };
  }, [traces, layout]);

  useEffect(() => {
    const element = ref.current;
    return () => {
      if (element) purge(element);
    };
  }, []);

  if (failure !== undefined) return <Failure error={failure} />;
  return (
    <figure aria-label={label}>
      <div ref={ref} className="h-[26rem] w-full border-line" />
    </figure>
  );
}
