// HTML and scripts of an output run in a frame that has no origin, may load nothing from anywhere and is told nothing of
// us: it gets its HTML, and says how high it is. Its page is a file of the app with a policy of its own, since a frame
// without an address would have ours, which lets no foreign script run.

import { useEffect, useRef, useState } from "react";
import { address } from "@/shared/api/client";

const HIGHEST = 6000;
const LOWEST = 24;

export function HtmlFrame({ html, label }: { html: string; label: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(120);
  const shown = useRef(html);
  shown.current = html;
  const ready = useRef(false);

  useEffect(() => {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const tell = () => {
      const view = frame.current?.contentWindow;
      // It has no origin that could be named.
      if (ready.current) view?.postMessage({ html: shown.current, dark: dark.matches }, "*");
    };
    const hear = ({ source, data }: MessageEvent<unknown>) => {
      if (!frame.current || source !== frame.current.contentWindow) return;
      const said = data as { ready?: unknown; height?: unknown } | null;
      if (said?.ready === true) {
        // Only the first word counts: a script in there could ask for more.
        if (ready.current) return;
        ready.current = true;
        tell();
      } else if (typeof said?.height === "number" && Number.isFinite(said.height)) {
        setHeight(Math.min(HIGHEST, Math.max(LOWEST, Math.ceil(said.height))));
      }
    };
    addEventListener("message", hear);
    const theme = () => frame.current?.contentWindow?.postMessage({ dark: dark.matches }, "*");
    dark.addEventListener("change", theme);
    return () => {
      removeEventListener("message", hear);
      dark.removeEventListener("change", theme);
    };
  }, []);

  return (
    <iframe
      // Another text begins in a new page.
      key={html}
      ref={frame}
      title={`HTML of ${label}`}
      src={address("output-frame.html")}
      sandbox="allow-scripts"
      referrerPolicy="no-referrer"
      className="nb-frame"
      style={{ height }}
    />
  );
}
