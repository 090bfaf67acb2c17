import { useQuery } from "@tanstack/react-query";
import { Database, FileUp } from "lucide-react";
import { type KeyboardEvent, useDeferredValue, useRef, useState } from "react";
import { bytes } from "@/shared/lib/format";
import { mediaWord } from "@/shared/lib/media";
import { Dialog } from "@/shared/ui/dialog";
import { Failure } from "@/shared/ui/failure";
import { inputClass } from "@/shared/ui/field";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { type Offer, offersQuery } from "../data/offers";

interface Props {
  project: string;
  /** Shown first: what is in the plot already. */
  used: readonly string[];
  onPick: (id: string) => void;
  onClose: () => void;
}

/** Uploads and datasets that can be drawn, found by a part of their name or of their process' name. */
export function DataPicker({ project, used, onPick, onClose }: Props) {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const search = useDeferredValue(typed.trim().toLowerCase());
  const offers = useQuery(offersQuery(project));
  const list = useRef<HTMLDivElement>(null);
  const named = ({ name }: Offer) => name.toLowerCase().includes(search);
  const found = (offers.data?.offers ?? [])
    .filter((offer) => named(offer) || offer.from.toLowerCase().includes(search))
    // What is called so before what comes from something called so, then what is in the plot already.
    .sort((a, b) => Number(named(b)) - Number(named(a)) || Number(used.includes(b.id)) - Number(used.includes(a.id)));
  const active = Math.min(at, found.length - 1);

  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = Math.max(0, Math.min(found.length - 1, active + step));
      setAt(next);
      list.current?.children[next]?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && found[active]) {
      event.preventDefault();
      onPick(found[active].id);
    }
  }

  return (
    <Dialog title="Choose data" onClose={onClose}>
      <input
        autoFocus
        type="search"
        role="combobox"
        aria-label="Search data"
        aria-expanded
        aria-controls="data-offers"
        aria-activedescendant={found[active] ? `offer-${found[active].id}` : undefined}
        placeholder="Name of the data or of its process"
        className={inputClass}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="mt-3 h-80 overflow-auto">
        {offers.isPending && <SkeletonRows rows={6} />}
        {offers.isError && <Failure error={offers.error} retry={() => void offers.refetch()} />}
        <div ref={list} id="data-offers" role="listbox" aria-label="Data">
          {found.map((offer, index) => (
            <div
              key={offer.id}
              id={`offer-${offer.id}`}
              role="option"
              aria-selected={index === active}
              tabIndex={-1}
              className="flex min-h-11 cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-1 text-sm hover:bg-hover aria-selected:bg-accent-soft"
              onClick={() => onPick(offer.id)}
              onKeyDown={onKeyDown}
            >
              {offer.upload ? (
                <FileUp aria-hidden className="size-4 shrink-0 text-muted" />
              ) : (
                <Database aria-hidden className="size-4 shrink-0 text-muted" />
              )}
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium">{offer.name}</span>
                <span className="block truncate text-muted">{offer.from}</span>
              </span>
              <span className="shrink-0 text-muted">
                {mediaWord(offer.mediaType)}, {bytes(offer.size)}
              </span>
            </div>
          ))}
        </div>
        {offers.data && found.length === 0 && (
          <p className="p-3 text-sm text-muted">
            {search ? "Nothing with this name can be drawn." : "There are no tables or grids in this project yet."}
          </p>
        )}
      </div>
      {offers.data?.more && <p className="mt-2 text-sm text-muted">Only the newest are offered.</p>}
    </Dialog>
  );
}
