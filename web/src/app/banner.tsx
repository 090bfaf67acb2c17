import { WifiOff } from "lucide-react";
import { useEffect, useState } from "react";
import { socket, useConnection } from "@/shared/live/live";
import { Button } from "@/shared/ui/button";

/** A restart takes less than this; it is not worth a word. */
const PATIENCE = 1200;

/** Says that the server is gone, and goes by itself when it is back. */
export function ConnectionBanner() {
  const connection = useConnection();
  const [since, setSince] = useState<Date>();
  useEffect(() => {
    // An ended session has its own dialog.
    if (connection === "open" || connection === "ended") {
      setSince(undefined);
      return;
    }
    const left = new Date();
    const timer = setTimeout(() => setSince((earlier) => earlier ?? left), PATIENCE);
    return () => clearTimeout(timer);
  }, [connection]);
  return (
    <div role="status">
      {since && (
        <div className="flex flex-wrap items-center gap-3 bg-warn-soft px-4 py-2 text-sm text-warn">
          <WifiOff aria-hidden className="size-4" />
          <p className="flex-1">
            The server can't be reached. You see how things were at {since.toLocaleTimeString()}; what runs goes on.
          </p>
          <Button onClick={socket.connect}>Try now</Button>
        </div>
      )}
    </div>
  );
}
