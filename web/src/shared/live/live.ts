// The app's socket and its state as React sees it.

import { useSyncExternalStore } from "react";
import { address, sessionLost } from "@/shared/api/client";
import { type Connection, Socket } from "./socket";

export const socket = new Socket({ url: address("/api/ws").replace(/^http/, "ws"), onEnded: sessionLost });

export function useConnection(): Connection {
  return useSyncExternalStore(socket.watch, () => socket.state);
}
