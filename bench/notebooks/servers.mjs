// A Castalia server in a temporary folder, with a token and notebooks.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
export async function until(condition, patience = 30_000) {
  const begun = Date.now();
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() - begun > patience) throw new Error("it did not happen in time");
    await sleep(5);
  }
}
export const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

export async function castalia(program, extra = []) {
  const folder = mkdtempSync(join(tmpdir(), "castalia-bench-"));
  const [port, s3] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const log = openSync(join(folder, "log"), "a");
  const child = spawn(
    program,
    ["serve", "--data", join(folder, "data"), "--listen", `127.0.0.1:${port}`, "--s3-listen", `127.0.0.1:${s3}`, ...extra],
    { stdio: ["ignore", log, log] },
  );
  const ended = new Promise((done) => child.once("exit", done));
  await until(async () => (await fetch(`${url}/health`).catch(() => null))?.ok);
  const post = async (path, body, token) => {
    const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    const said = await answer.text();
    return said === "" ? undefined : JSON.parse(said);
  };
  const setup = await until(() => /setup\?token=([^\s]+)/.exec(readFileSync(join(folder, "log"), "utf8"))?.[1]);
  await post("/api/setup", { token: setup, name: "bench", password: "bench-password" });
  const { access_token: jwt } = await post("/api/auth/token", { user: "bench", password: "bench-password" });
  const { secret } = await post("/api/tokens", { name: "bench", scopes: ["*"] }, jwt);
  await post("/api/projects", { name: "bench" }, secret);
  let made = 0;
  const notebook = async () => (await post("/api/notebooks", { project: "bench", name: `n${made++}` }, secret)).id;
  const at = (id) => ({
    address: `ws://127.0.0.1:${port}/api/notebooks/${id}/sync`,
    headers: { authorization: `Bearer ${secret}` },
  });
  const ask = async (path) => {
    const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${secret}` } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  return {
    pid: child.pid,
    ask,
    post: (path, body) => post(path, body, secret),
    notebook,
    at,
    room: async () => at(await notebook()),
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
      // Kernels outlive their server.
      spawnSync("pkill", ["-TERM", "-f", `shim ${folder}/`]);
      await sleep(1000);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
