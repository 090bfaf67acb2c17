// Which sections a person has folded on the canvas. That is theirs alone and stays on this computer: it changes nothing
// in the document.

import { useCallback, useState } from "react";
import { remember, remembered } from "../local";

const name = (notebook: string, user: string) => `folded ${notebook} ${user}`;

function read(key: string): ReadonlySet<string> {
  const found = remembered(key);
  return new Set(Array.isArray(found) ? found.filter((id) => typeof id === "string") : []);
}

export function useFolded(notebook: string, user: string) {
  const key = name(notebook, user);
  const [folded, setFolded] = useState(() => read(key));
  const change = useCallback(
    (make: (before: ReadonlySet<string>) => ReadonlySet<string>) =>
      setFolded((before) => {
        const next = make(before);
        if (next !== before) remember(key, next.size > 0 ? [...next] : null);
        return next;
      }),
    [key],
  );
  const toggle = useCallback(
    (id: string) =>
      change((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id])),
    [change],
  );
  /** Shows what is in these. */
  const unfold = useCallback(
    (ids: readonly string[]) =>
      change((before) =>
        ids.some((id) => before.has(id)) ? new Set([...before].filter((one) => !ids.includes(one))) : before,
      ),
    [change],
  );
  return { folded, toggle, unfold };
}
