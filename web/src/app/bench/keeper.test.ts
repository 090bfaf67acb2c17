import { beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "@/shared/api/problem";
import { type Drafts, Keeper, type Saved, type Transport } from "./keeper";

/** A server with one layout. */
class Server implements Transport {
  saved: Saved | undefined;
  away = false;
  puts = 0;
  find = async () => {
    if (this.away) throw Problem.unreachable();
    return this.saved;
  };
  put = async (name: string, layout: unknown, revision: number) => {
    this.puts += 1;
    if (this.away) throw Problem.unreachable();
    if (name !== "default") return { name, revision: 1, layout };
    if (revision !== (this.saved?.revision ?? 0)) throw new Problem(409, "layout_changed", "somebody else saved it");
    this.saved = { name, layout, revision: revision + 1 };
    return this.saved;
  };
}

function drafts(): Drafts & { all: Map<string, { base: number; layout: unknown }> } {
  const all = new Map<string, { base: number; layout: unknown }>();
  return {
    all,
    get: (name) => all.get(name),
    set: (name, draft) => void all.set(name, draft),
    clear: (name) => void all.delete(name),
  };
}

const wait = (ms = 1000) => vi.advanceTimersByTimeAsync(ms);
const make = (server: Server, kept = drafts()) => {
  const onFollow = vi.fn();
  const onRefused = vi.fn();
  return { keeper: new Keeper({ transport: server, drafts: kept, onFollow, onRefused }), onFollow, onRefused, kept };
};

beforeEach(() => {
  vi.useFakeTimers();
});

describe("the keeper of a layout", () => {
  it("saves the last of several changes, once", async () => {
    const server = new Server();
    const { keeper, kept } = make(server);
    keeper.open("default", undefined);
    keeper.change({ at: 1 });
    keeper.change({ at: 2 });
    expect(kept.all.size).toBe(1);
    await wait();
    expect(server.saved).toEqual({ name: "default", layout: { at: 2 }, revision: 1 });
    expect([server.puts, keeper.phase, kept.all.size]).toEqual([1, "saved", 0]);
    keeper.change({ at: 3 });
    await wait();
    expect(server.saved?.revision).toBe(2);
  });

  it("goes on while the server is away, and saves when it is back", async () => {
    const server = new Server();
    const { keeper } = make(server);
    keeper.open("default", undefined);
    server.away = true;
    keeper.change({ at: 1 });
    await wait();
    expect(keeper.phase).toBe("away");
    keeper.change({ at: 2 });
    server.away = false;
    keeper.retry();
    await wait(0);
    expect([keeper.phase, server.saved?.layout]).toEqual(["saved", { at: 2 }]);
  });

  it("finds again what was not saved when the tab was closed", async () => {
    const server = new Server();
    const first = make(server);
    first.keeper.open("default", undefined);
    server.away = true;
    first.keeper.change({ at: 1 });
    await wait();
    first.keeper.close();
    server.away = false;
    const second = make(server, first.kept);
    expect(second.keeper.open("default", server.saved)).toEqual({ at: 1 });
    await wait();
    expect(server.saved?.layout).toEqual({ at: 1 });
  });

  it("follows another tab silently when nothing was changed here", async () => {
    const server = new Server();
    const [a, b] = [make(server), make(server)];
    a.keeper.open("default", undefined);
    b.keeper.open("default", undefined);
    a.keeper.change({ at: 1 });
    await wait();
    b.keeper.remote(1);
    await wait(0);
    expect(b.onFollow).toHaveBeenCalledExactlyOnceWith({ at: 1 });
    expect(b.keeper.phase).toBe("saved");
    b.keeper.change({ at: 2 });
    await wait();
    expect(server.saved).toMatchObject({ revision: 2, layout: { at: 2 } });
  });

  it("takes its own event for no news", async () => {
    const server = new Server();
    const { keeper, onFollow } = make(server);
    keeper.open("default", undefined);
    keeper.change({ at: 1 });
    await vi.advanceTimersByTimeAsync(800);
    keeper.remote(1);
    await wait();
    expect(onFollow).not.toHaveBeenCalled();
  });

  it("throws neither away when both changed it", async () => {
    const server = new Server();
    const { keeper, onFollow } = make(server);
    keeper.open("default", undefined);
    server.saved = { name: "default", revision: 4, layout: { theirs: true } };
    keeper.change({ mine: true });
    await wait();
    expect([keeper.phase, keeper.theirs?.revision]).toEqual(["conflict", 4]);
    keeper.change({ mine: 2 });
    await wait(60_000);
    expect(server.saved.layout).toEqual({ theirs: true });
    keeper.loadTheirs();
    expect(onFollow).toHaveBeenCalledExactlyOnceWith({ theirs: true });
    keeper.change({ mine: 3 });
    await wait();
    expect(server.saved).toMatchObject({ revision: 5, layout: { mine: 3 } });
  });

  it("keeps ours as a copy", async () => {
    const server = new Server();
    const put = vi.spyOn(server, "put");
    const { keeper } = make(server);
    keeper.open("default", undefined);
    server.saved = { name: "default", revision: 4, layout: { theirs: true } };
    keeper.change({ mine: true });
    await wait();
    await keeper.keepAs("default (copy)");
    expect(put).toHaveBeenLastCalledWith("default (copy)", { mine: true }, 0, false);
    expect(server.saved.layout).toEqual({ theirs: true });
    expect(keeper.phase).toBe("saved");
  });

  it("sees no conflict in what is equal but for the order of its keys", async () => {
    const server = new Server();
    const { keeper } = make(server);
    keeper.open("default", undefined);
    server.saved = { name: "default", revision: 4, layout: { a: 1, b: 2 } };
    keeper.change({ b: 2, a: 1 });
    await wait();
    expect([keeper.phase, keeper.revision]).toEqual(["saved", 4]);
  });

  it("says when the server will not have it, and does not knock on", async () => {
    const server = new Server();
    server.put = async () => {
      throw new Problem(413, "too_large", "the layout is larger than 256 kB");
    };
    const { keeper, onRefused } = make(server);
    keeper.open("default", undefined);
    keeper.change({});
    await wait(60_000);
    expect(onRefused).toHaveBeenCalledOnce();
    expect(keeper.phase).toBe("refused");
  });
});
