import { useEffect, useState } from "react";
import { Scan, type Test } from "./scan";
import type { LogSource } from "./source";

/** A search of the whole log while it is wanted; `make` is stable as long as the same is wanted. */
export function useScan(source: LogSource, make: (() => Test) | undefined, onError: (error: unknown) => void) {
  const [found, setFound] = useState<{ scan: Scan; make: () => Test }>();
  useEffect(() => {
    if (!make) return;
    const scan = new Scan(source.pages, make(), onError);
    setFound({ scan, make });
    return () => scan.end();
  }, [source, make, onError]);
  return make && found?.make === make ? found.scan : undefined;
}
