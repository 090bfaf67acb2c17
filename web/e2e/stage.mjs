// A stage for the journeys: a real server with the demo project, which serves the app under a prefix (the one that
// is embedded in it, or the folder that CASTALIA_WEB names), and a browser that notes everything that goes wrong by
// itself.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const binary = process.env.CASTALIA ?? here("../../target/debug/castalia");
const browserPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const shots = here("shots");
// The environment that `make environment` made; without it every server makes one of its own, for half a minute.
const python = here("../../.venv/bin/python");
if (existsSync(python)) process.env.CASTALIA_BOOTSTRAP_PYTHON ??= python;

/** Below those that the system gives to outgoing connections: a server that is started again finds its port free. */
async function freePort() {
  const port = 10_000 + Math.floor(Math.random() * 22_000);
  const free = await new Promise((resolve) => {
    const probe = createServer().once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
  return free ? port : freePort();
}

/** Workspaces outlive their server; those of this data folder are ended with it. */
function endUnits(data) {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      if (words[1] === "shim" && words.some((word) => word.startsWith(`${data}/`)))
        process.kill(Number(pid), "SIGTERM");
    } catch {
      // It ended by itself, or it is somebody else's.
    }
  }
}

/** A real server with a data folder of its own; `stop` and `start` may be called again. `env` adds variables. */
export async function startServer({ demo = true, prefix = "/", env = {} } = {}) {
  const data = mkdtempSync(join(tmpdir(), "castalia-e2e-"));
  const [port, s3] = [await freePort(), await freePort()];
  const address = `http://127.0.0.1:${port}`;
  let child;
  let said = "";
  const server = {
    address,
    /** Its data folder. */
    data,
    /** Where people find the app. */
    page: `${address}${prefix}`,
    /** What it printed, for the set-up link. */
    said: () => said,
    async start() {
      const args = ["serve", "--data", data, "--listen", `127.0.0.1:${port}`, "--s3-listen", `127.0.0.1:${s3}`];
      if (prefix !== "/") args.push("--public-url", `${address}${prefix}`);
      child = spawn(binary, demo ? [...args, "--demo"] : args, {
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      child.stdout.on("data", (text) => {
        said += text;
      });
      child.stderr.resume();
      await until("the server answers", async () => (await fetch(`${address}/health`)).ok, 60_000);
    },
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", resolve);
        child.kill("SIGTERM");
      }),
    /** At once and without a word, as the worst of ends; `start` may follow. */
    kill: () =>
      new Promise((resolve) => {
        child.once("exit", resolve);
        child.kill("SIGKILL");
      }),
    async end() {
      if (child.exitCode === null && child.signalCode === null) await server.stop();
      endUnits(data);
      // What was being prepared may still write for a moment.
      rmSync(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    },
  };
  await server.start();
  return server;
}

/** Waits for a condition; a failing try counts as not yet. */
export async function until(what, condition, limit = 15_000) {
  const end = Date.now() + limit;
  while (Date.now() < end) {
    if (await Promise.resolve(condition()).catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited ${limit / 1000} s in vain: ${what}`);
}

/** @param tour whether the tour is offered, as on a first visit */
export async function open({ demo = true, tour = false, env = {} } = {}) {
  const server = await startServer({ demo, prefix: "/t/acme/", env });
  const host = { address: server.page };
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, colorScheme: "light" });
  if (!tour) {
    await context.addInitScript(() => {
      // A window that is still empty has no storage.
      if (location.protocol === "http:" && self.origin !== "null") localStorage.setItem("castalia.tour", "seen");
    });
  }
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const troubles = [];
  // Further pages of the same browser (windows, tabs) are watched as well.
  const watch = (page) => {
    page.on("pageerror", (error) => troubles.push(`error in the page: ${error.message}`));
    page.on("console", (message) => {
      const text = message.text();
      // Refused requests and a server that goes away are part of some journeys; the app answers for how it shows them.
      const part = /^(Failed to load resource|WebSocket connection to .* failed)/.test(text);
      if (message.type() === "error" && !part) troubles.push(text);
    });
    page.on("request", (request) => {
      const url = request.url();
      const own = url.startsWith(host.address) || url.startsWith("data:") || url.startsWith("blob:");
      if (!own) troubles.push(`asked elsewhere: ${url}`);
    });
  };
  let token;
  /** A token of the demo's user, for programs beside the page. */
  const bearer = async () => {
    if (token) return token;
    const body = JSON.stringify({ user: "demo", password: "demo" });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${host.address}api/auth/token`, { method: "POST", headers, body });
    token = (await answer.json()).access_token;
    return token;
  };
  watch(page);
  context.on("page", watch);
  return {
    server,
    host,
    page,
    troubles,
    /** Takes a picture and runs axe, in both themes; of another page if one is given. */
    async look(name, shown = page) {
      for (const colorScheme of ["light", "dark"]) {
        await shown.emulateMedia({ colorScheme });
        await shown.waitForTimeout(150);
        await shown.screenshot({ path: join(shots, `${name}-${colorScheme}.png`) });
        troubles.push(...(await axeFindings(shown)).map((finding) => `${name}, ${colorScheme}: ${finding}`));
      }
      await shown.emulateMedia({ colorScheme: "light" });
    },
    /** Asks the API as whoever is signed in on the page; `path` is relative, such as `api/processes`. */
    call: (method, path, data) =>
      page.evaluate(
        async ([method, url, data]) => {
          const headers = { "content-type": "application/json" };
          const answer = await fetch(url, { method, headers, ...(data && { body: JSON.stringify(data) }) });
          const text = await answer.text();
          if (!answer.ok) throw new Error(`${url}: ${text}`);
          return text ? JSON.parse(text) : null;
        },
        [method, `${host.address}${path}`, data],
      ),
    bearer,
    /** Uploads a file, text or a stream, and answers its id; an older one of this name goes. */
    async put(name, type, body) {
      const url = `${host.address}api/uploads?project=demo&replace=true&name=${encodeURIComponent(name)}`;
      const headers = { "content-type": type, authorization: `Bearer ${await bearer()}` };
      const answer = await fetch(url, { method: "PUT", headers, body, duplex: "half" });
      if (!answer.ok) throw new Error(`${name}: ${await answer.text()}`);
      return (await answer.json()).id;
    },
    async close() {
      await browser.close();
      await server.end();
    },
  };
}

/** What an audit weighs, by the gravity of its failure; Lighthouse's scale for accessibility. */
const weights = { critical: 10, serious: 7, moderate: 3, minor: 1 };
let screens = 0;
let lowest = 100;

/** The worst screen's weighted share of passed audits. */
export const accessibility = () => ({ screens, lowest });

async function axeFindings(page) {
  // Through the debugger: the content security policy lets no script in by another way.
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(() => window.axe.run(document));
  const weight = (audits) => audits.reduce((sum, { impact }) => sum + (weights[impact] ?? 3), 0);
  screens += 1;
  lowest = Math.min(lowest, (100 * weight(passes)) / (weight(passes) + weight(violations)));
  return violations.map(
    ({ id, impact, nodes }) => `axe ${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
  );
}

export async function signIn(page, address) {
  await page.goto(address);
  await page.getByLabel("Name").fill("demo");
  await page.getByLabel("Password").fill("demo");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Demo" }).waitFor();
}

/** Of people that a journey makes. */
export const PASSWORD = "a good long one";

/** A page of another person, who has this name and the journeys' password, in a browser context of its own. */
export async function another({ page, host, troubles }, name) {
  const context = await page
    .context()
    .browser()
    .newContext({ viewport: { width: 1280, height: 860 } });
  await context.addInitScript(() => {
    if (location.protocol === "http:" && self.origin !== "null") localStorage.setItem("castalia.tour", "seen");
  });
  const made = await context.newPage();
  made.setDefaultTimeout(15_000);
  made.on("pageerror", (error) => troubles.push(`error in the page of ${name}: ${error.message}`));
  await made.goto(host.address);
  await made.getByLabel("Name").fill(name);
  await made.getByLabel("Password").fill(PASSWORD);
  await made.getByRole("button", { name: "Sign in" }).click();
  await made.getByRole("heading", { level: 1, name: "Demo" }).waitFor();
  return made;
}
