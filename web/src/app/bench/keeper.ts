// Keeps one named layout on the server: saves a moment after each change, follows what another tab or machine saved,
// and loses nothing when the server is away, when the tab is closed, or when two tabs arrange the same layout.
//
// What is not saved yet is also written down in the browser, with the revision it is based on; it is found again on
// return. If somebody else has saved meanwhile, neither side is thrown away: the person chooses.

import { Problem } from "@/shared/api/problem";

export interface Saved {
  name: string;
  revision: number;
  layout: unknown;
}

export interface Transport {
  find: (name: string) => Promise<Saved | undefined>;
  /** @param leaving the page goes away: the request must outlive it */
  put: (name: string, layout: unknown, revision: number, leaving: boolean) => Promise<Saved>;
}

export interface Drafts {
  get: (name: string) => { base: number; layout: unknown } | undefined;
  set: (name: string, draft: { base: number; layout: unknown }) => void;
  clear: (name: string) => void;
}

/** `away`: the server can't be reached, it is saved later. `conflict`: somebody else saved. `refused`: it will not be saved. */
export type Phase = "saved" | "waiting" | "saving" | "away" | "conflict" | "refused";

interface Options {
  transport: Transport;
  drafts: Drafts;
  /** Shows what somebody else saved, while there were no changes here. */
  onFollow: (layout: unknown) => void;
  onRefused: (error: unknown) => void;
  delay?: number;
  again?: number;
}

export class Keeper {
  name = "";
  phase: Phase = "saved";
  /** What somebody else saved, in a conflict. */
  theirs: Saved | undefined;
  #layout: unknown;
  #revision = 0;
  /** Counts changes, to know whether there were some while a request was on its way. */
  #changes = 0;
  #saved = 0;
  #heard = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watchers = new Set<() => void>();
  #options: Required<Options>;

  constructor(options: Options) {
    this.#options = { delay: 800, again: 5000, ...options };
  }

  get layout(): unknown {
    return this.#layout;
  }

  get revision(): number {
    return this.#revision;
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** Begins with what the server has (or has not) and answers what to show: undefined for the default. */
  open(name: string, saved: Saved | undefined): unknown {
    this.close();
    this.name = name;
    this.theirs = undefined;
    this.#revision = saved?.revision ?? 0;
    this.#layout = saved?.layout;
    this.#heard = 0;
    this.#changes = 0;
    this.#saved = 0;
    const draft = this.#options.drafts.get(name);
    if (!draft || equal(draft.layout, saved?.layout)) {
      this.#options.drafts.clear(name);
      this.#become("saved");
      return this.#layout;
    }
    this.#layout = draft.layout;
    this.#changes = 1;
    if (saved && draft.base !== saved.revision) {
      this.#revision = draft.base;
      this.theirs = saved;
      this.#become("conflict");
    } else this.#schedule();
    return this.#layout;
  }

  /** The layout was changed here. */
  change(layout: unknown): void {
    this.#layout = layout;
    this.#changes += 1;
    this.#options.drafts.set(this.name, { base: this.#revision, layout });
    if (this.phase !== "conflict") this.#schedule();
  }

  /** The server says that a revision was saved, by us or by somebody else. */
  remote(revision: number): void {
    if (revision <= this.#revision) return;
    this.#heard = Math.max(this.#heard, revision);
    if (this.phase === "saved") void this.#follow();
    else if (this.phase === "waiting" || this.phase === "away") void this.#save();
  }

  /** Tries again now: the server is back. */
  retry(): void {
    if (this.phase === "away") void this.#save();
    else if (this.phase === "saved") void this.#follow();
  }

  /** In a conflict: shows what somebody else saved. */
  loadTheirs(): void {
    const { theirs } = this;
    if (!theirs) return;
    this.theirs = undefined;
    this.#options.drafts.clear(this.name);
    this.#take(theirs);
  }

  /** In a conflict: saves ours under another name; theirs stays. */
  async keepAs(name: string): Promise<void> {
    await this.#options.transport.put(name, this.#layout, 0, false);
    this.#options.drafts.clear(this.name);
    this.theirs = undefined;
    this.#saved = this.#changes;
    this.#become("saved");
  }

  /** The page goes: what waits is sent in a request that outlives it. */
  leave(): void {
    if (this.phase !== "waiting") return;
    clearTimeout(this.#timer);
    this.#options.transport.put(this.name, this.#layout, this.#revision, true).catch(() => {});
  }

  /** Saves what waits and forgets the layout. */
  close(): void {
    this.leave();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(after = this.#options.delay): void {
    if (this.phase !== "saving" && this.phase !== "away") this.#become("waiting");
    if (this.phase === "saving") return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#save(), after);
  }

  async #save(): Promise<void> {
    if (this.phase === "saving" || this.phase === "conflict") return;
    clearTimeout(this.#timer);
    const { name } = this;
    const [layout, changes] = [this.#layout, this.#changes];
    this.#become("saving");
    try {
      const saved = await this.#options.transport.put(name, layout, this.#revision, false);
      if (name !== this.name) return;
      this.#revision = saved.revision;
      this.#saved = changes;
    } catch (error) {
      if (name === this.name) await this.#failed(error);
      return;
    }
    this.#settle();
  }

  /** After an answer: there may have been changes here or there meanwhile. */
  #settle(): void {
    if (this.#saved !== this.#changes) {
      this.#options.drafts.set(this.name, { base: this.#revision, layout: this.#layout });
      this.#become("waiting");
      this.#schedule();
      return;
    }
    this.#options.drafts.clear(this.name);
    this.#become("saved");
    if (this.#heard > this.#revision) void this.#follow();
  }

  async #failed(error: unknown): Promise<void> {
    const { name } = this;
    if (error instanceof Problem && error.status === 409) {
      try {
        const theirs = await this.#options.transport.find(name);
        if (name !== this.name) return;
        if (!theirs) {
          // Deleted meanwhile; ours is still wanted here.
          this.#revision = 0;
          this.#become("waiting");
          this.#schedule();
        } else if (equal(theirs.layout, this.#layout)) {
          this.#revision = theirs.revision;
          this.#saved = this.#changes;
          this.#settle();
        } else {
          this.theirs = theirs;
          this.#become("conflict");
        }
        return;
      } catch (second) {
        error = second;
      }
    }
    const status = error instanceof Problem ? error.status : 0;
    // Too many requests and an ended session pass; what is refused for itself does not.
    if (status >= 400 && status < 500 && status !== 401 && status !== 429) {
      this.#become("refused");
      this.#options.onRefused(error);
      return;
    }
    this.#become("away");
    this.#schedule(this.#options.again);
  }

  async #follow(): Promise<void> {
    const { name } = this;
    const changes = this.#changes;
    const saved = await this.#options.transport.find(name).catch(() => undefined);
    // Changed here while we asked: saving will tell.
    if (!saved || name !== this.name || changes !== this.#changes || saved.revision <= this.#revision) return;
    this.#take(saved);
  }

  #take(saved: Saved): void {
    const same = equal(saved.layout, this.#layout);
    this.#revision = saved.revision;
    this.#layout = saved.layout;
    this.#saved = this.#changes;
    this.#become("saved");
    if (!same) this.#options.onFollow(saved.layout);
  }

  #become(phase: Phase): void {
    this.phase = phase;
    for (const watcher of this.#watchers) watcher();
  }
}

/** Equal as JSON, whatever the order of the keys. */
function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a, sorted) === JSON.stringify(b, sorted);
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
