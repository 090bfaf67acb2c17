import { useEffect, useState } from "react";
import type { VersionView } from "@/shared/api/types";
import { duration } from "@/shared/lib/format";

/** How long a version ran, or has been running. */
export function Took({ version }: { version: VersionView }) {
  const [now, setNow] = useState(Date.now);
  const running = Boolean(version.started_at && !version.ended_at);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  if (!version.started_at) return null;
  const end = version.ended_at ? Date.parse(version.ended_at) : now;
  // The server's clock may be ahead of the browser's.
  return <>{duration(Math.max(0, end - Date.parse(version.started_at)))}</>;
}
