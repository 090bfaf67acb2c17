import { useMemo, useState } from "react";
import { bySection, current } from "@/shared/actions/actions";
import { setSingleKeys, singleKeys } from "@/shared/actions/keys";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { Kbd } from "@/shared/ui/kbd";

/** All keys that work here and now. */
export default function KeySheet({ onClose }: { onClose: () => void }) {
  const sections = useMemo(() => bySection(current().filter(({ keys }) => keys)), []);
  const [single, setSingle] = useState(singleKeys());
  return (
    <Dialog title="Keys" onClose={onClose} wide>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3 border-b border-line pb-4">
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={single}
            onChange={(event) => {
              setSingleKeys(event.target.checked);
              setSingle(event.target.checked);
            }}
          />
          Keys without Ctrl or Alt work
        </label>
        <Button onClick={onClose}>Close</Button>
      </div>
      <div className="columns-1 gap-8 sm:columns-2">
        {sections.map(([section, actions]) => (
          <section key={section} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 text-sm font-medium text-muted">{section}</h3>
            <dl className="text-sm">
              {actions.map(({ id, title, keys = "" }) => (
                <div key={id} className="flex items-baseline justify-between gap-4 py-1">
                  <dt>{title}</dt>
                  <dd>
                    <Kbd keys={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section className="mb-4 break-inside-avoid">
          <h3 className="mb-1 text-sm font-medium text-muted">In the workbench's tabs</h3>
          <dl className="text-sm">
            {own.map(([title, keys]) => (
              <div key={title} className="flex items-baseline justify-between gap-4 py-1">
                <dt>{title}</dt>
                <dd>
                  <Kbd keys={keys} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}

/** What the dock's tabs and splitters do by themselves. */
const own: readonly [string, string][] = [
  ["Next tab", "ArrowRight"],
  ["Into the panel", "Enter"],
  ["Next place", "F6"],
  ["Rename the tab", "F2"],
  ["Close the tab", "mod+Delete"],
  ["Size, on the line between places", "ArrowLeft"],
];
