import { useSyncExternalStore } from "react";
import { useOpen } from "../context";

/** Who else is in a cell. */
export function PeerMarks({ cell }: { cell: string }) {
  const { session } = useOpen();
  const peers = useSyncExternalStore(session.watch, () => session.peers);
  const here = peers.filter((peer) => peer.cell === cell);
  if (here.length === 0) return null;
  return (
    <ul className="nb-marks" aria-label="Also here">
      {here.map(({ client, name, colour }) => (
        <li key={client} title={name} className={`nb-name nb-peer-${colour}`}>
          {name}
        </li>
      ))}
    </ul>
  );
}
