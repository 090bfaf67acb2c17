// Widgets of ipywidgets as the kernel has them: each is a comm with a state. The server keeps the states, so that whoever
// comes later sees the same.

import type { Comms, Said } from "./comms";

export type WidgetState = Readonly<Record<string, unknown>>;

const TARGET = "jupyter.widget";

interface Message {
  comm_id?: unknown;
  target_name?: unknown;
  data?: { method?: unknown; state?: unknown };
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

export class Widgets {
  #states = new Map<string, WidgetState>();
  #watchers = new Map<string, Set<() => void>>();

  constructor(readonly comms: Pick<Comms, "ask" | "listen">) {
    comms.listen(this.hear);
  }

  state(id: string): WidgetState | undefined {
    return this.#states.get(id);
  }

  watch(id: string, watcher: () => void): () => void {
    const all = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, all.add(watcher));
    return () => all.delete(watcher);
  }

  /** Changes a widget, here at once and in the kernel. */
  change(id: string, state: WidgetState): void {
    this.#put(id, { ...this.#states.get(id), ...state });
    void this.#send(id, { method: "update", state, buffer_paths: [] });
  }

  /** Something happened to it, such as a click. */
  event(id: string, event: string): void {
    void this.#send(id, { method: "custom", content: { event } });
  }

  #send(id: string, data: unknown): Promise<unknown> {
    return this.comms.ask("comms", "comm_msg", { comm_id: id, data, buffers: [] }).catch(() => {});
  }

  hear = ({ channel, method, message }: Said): void => {
    if (channel !== "comms") return;
    if (method === "state") {
      const before = [...this.#states.keys()];
      this.#states.clear();
      const { comms } = record(message);
      for (const one of Array.isArray(comms) ? comms : []) this.#open(one as Message);
      for (const id of new Set([...before, ...this.#states.keys()])) this.#tell(id);
      return;
    }
    const said = record(message) as Message;
    const id = typeof said.comm_id === "string" ? said.comm_id : "";
    if (method === "comm_open") this.#open(said);
    else if (method === "comm_close") {
      this.#states.delete(id);
      this.#tell(id);
    } else if (method === "comm_msg" && (said.data?.method === "update" || said.data?.method === "echo_update")) {
      const state = this.#states.get(id);
      if (state) this.#put(id, { ...state, ...record(said.data.state) });
    }
  };

  #open({ comm_id: id, target_name: target, data }: Message) {
    if (typeof id === "string" && target === TARGET) this.#put(id, record(data?.state));
  }

  #put(id: string, state: WidgetState) {
    this.#states.set(id, state);
    this.#tell(id);
  }

  #tell(id: string) {
    for (const watcher of [...(this.#watchers.get(id) ?? [])]) watcher();
  }
}

/** The id in a reference of one widget to another. */
export const widgetId = (reference: unknown): string | undefined =>
  typeof reference === "string" && reference.startsWith("IPY_MODEL_") ? reference.slice(10) : undefined;
