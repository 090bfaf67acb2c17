import { useSyncExternalStore } from "react";
import { useOpen } from "./context";

const SHOWN = 5;

/** Who else is here; a click goes to where they are. */
export function Presence() {
  const { session, focus } = useOpen();
  const peers = useSyncExternalStore(session.watch, () => session.peers);
  // Several windows of one person are one person.
  const people = [...new Map(peers.map((peer) => [peer.id, peer])).values()];
  if (people.length === 0) return null;
  return (
    <ul className="flex -space-x-1" aria-label="Others here">
      {people.slice(0, SHOWN).map(({ id, name, colour, cell }) => (
        <li key={id}>
          <button
            type="button"
            className={`nb-avatar nb-peer-${colour}`}
            aria-label={cell ? `Go to where ${name} is` : name}
            title={name}
            disabled={!cell}
            onClick={() => {
              if (cell) {
                focus.go(cell);
                focus.show(cell, "center");
              }
            }}
          >
            {initials(name)}
          </button>
        </li>
      ))}
      {people.length > SHOWN && <li className="pl-2 text-sm text-muted">and {people.length - SHOWN} more</li>}
    </ul>
  );
}

const initials = (name: string): string =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join("");
