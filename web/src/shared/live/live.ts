// The app's socket and its state as React sees it.

import { useSyncExternalStore } from "react";
import { address, onReached, sessionLost } from "@/shared/api/client";
import { type Connection, Socket } from "./socket";

export const socket = new Socket({ url: address("/api/ws").replace(/^http/, "ws"), onEnded: sessionLost });

// Whoever else has found the server again has found it for all: nobody waits for the next try.
onReached(() => {
  if (socket.state === "lost") socket.connect();
});

export function useConnection(): Connection {
  return useSyncExternalStore(socket.watch, () => socket.state);
}
