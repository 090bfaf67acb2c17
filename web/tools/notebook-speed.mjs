// How fast a large notebook is, in Chromium against a real server: how soon its first cells are seen (a page that is
// opened anew, and from the list inside the app), and how smoothly a thousand cells scroll and pan; beside it JupyterLab
// with the same file, if `$JUPYTER_LAB` names the program. Prints figures and judges nothing.
// `node tools/notebook-speed.mjs [open|move|peer]…`; `$CASTALIA` is the program, `CASTALIA_WEB=dist` the app.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open, signIn, until } from "../e2e/stage.mjs";

const RUNS = 5;
const middle = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

let seed = 7;
const random = () => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
};
const letters = (length) => Array.from({ length }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join("");

/** A real picture of about this many bytes: noise does not compress. */
async function picture(page, bytes) {
  const side = Math.max(8, Math.round(Math.sqrt(bytes / 3)));
  return page.evaluate((side) => {
    const canvas = document.createElement("canvas");
    canvas.width = side;
    canvas.height = side;
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(side, side);
    for (let at = 0; at < pixels.data.length; at += 1) pixels.data[at] = at % 4 === 3 ? 255 : Math.random() * 256;
    context.putImageData(pixels, 0, 0);
    return canvas.toDataURL("image/png").split(",")[1];
  }, side);
}

const line = () => `step ${Math.floor(random() * 1e6)} loss ${random().toFixed(9)} ${letters(40)}\n`;
const text = (bytes) => {
  let made = "";
  while (made.length < bytes) made += line();
  return made;
};
const stream = (bytes) => ({ output_type: "stream", name: "stdout", text: text(bytes) });
const drawn = (png) => ({
  output_type: "display_data",
  data: { "image/png": png, "text/plain": "<Figure size 640x480 with 1 Axes>" },
  metadata: {},
});
const table = (rows) => ({
  output_type: "execute_result",
  execution_count: 1,
  metadata: {},
  data: {
    "text/plain": "a table",
    "text/html": `<table border="1" class="dataframe"><thead><tr><th></th><th>a</th><th>b</th></tr></thead><tbody>${Array.from(
      { length: rows },
      (_, at) => `<tr><th>${at}</th><td>${random()}</td><td>${random()}</td></tr>`,
    ).join("")}</tbody></table>`,
  },
});

function notebook(count, outputsOf) {
  const cells = Array.from({ length: count }, (_, at) =>
    at % 10 === 0
      ? { id: `c-${at}`, cell_type: "markdown", metadata: {}, source: `## Part ${at / 10}\n\nSome *words* about it.` }
      : {
          id: `c-${at}`,
          cell_type: "code",
          metadata: {},
          execution_count: at,
          source: `def f${at}(x):\n    """Doubles."""\n    return x * 2  # ${letters(20)}\n\nprint(f${at}(${at}))`,
          outputs: outputsOf(at),
        },
  );
  const metadata = { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } };
  return { nbformat: 4, nbformat_minor: 5, metadata, cells };
}

/** Notes long tasks and the moment at which cells are first painted. */
const watch = () => {
  window.seen = { tasks: [], cells: undefined, editors: undefined };
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.seen.tasks.push({ startTime, duration });
  }).observe({ type: "longtask", buffered: true });
  let turn = 0;
  window.lookFor = (begin) => {
    turn += 1;
    const mine = turn;
    window.seen.cells = undefined;
    window.seen.editors = undefined;
    const look = () => {
      if (mine !== turn) return;
      // What is found in this frame is painted at its end.
      if (window.seen.cells === undefined && document.querySelector("[data-cell] .nb-far, [data-cell] .cm-content"))
        window.seen.cells = performance.now() - begin;
      if (document.querySelector("[data-cell] .cm-content")) window.seen.editors = performance.now() - begin;
      else requestAnimationFrame(look);
    };
    look();
  };
  window.lookFor(0);
};

const figures = (page) =>
  page.evaluate(() => ({
    cells: window.seen.cells,
    editors: window.seen.editors,
    longest: Math.max(0, ...window.seen.tasks.map(({ duration }) => duration)),
    blocked: window.seen.tasks.reduce((sum, { duration }) => sum + Math.max(0, duration - 50), 0),
    heap: performance.memory?.usedJSHeapSize ?? 0,
    nodes: document.querySelectorAll("*").length,
    frames: document.querySelectorAll("iframe").length,
  }));

async function opened(browser, url, state, inside) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, storageState: state });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.addInitScript(watch);
  if (inside) {
    await page.goto(inside.list);
    const link = page.getByRole("link", { name: inside.title, exact: true });
    await link.waitFor();
    await page.waitForTimeout(1000);
    await page.evaluate(() => {
      window.seen.tasks = [];
      addEventListener("pointerdown", () => window.lookFor(performance.now()), { once: true, capture: true });
    });
    await link.click();
  } else await page.goto(url);
  await page.waitForFunction(() => window.seen.editors !== undefined);
  await page.waitForTimeout(1500);
  const found = await figures(page);
  await context.close();
  return found;
}

/** The app's own part: its home page, which needs no notebook. */
async function home(browser, url, state) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, storageState: state });
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole("heading", { level: 1, name: "Demo" }).waitFor();
  const found = await page.evaluate(() => performance.now());
  await context.close();
  return found;
}

const ms = (value) => `${value.toFixed(0)} ms`;

/** Puts a notebook on the server, as a person who imports a file does, and answers its id. */
async function put({ call, put }, title, content) {
  const from_upload = await put(`${title}.ipynb`, "application/x-ipynb+json", JSON.stringify(content));
  const { id } = await call("POST", "api/notebooks", { project: "demo", name: `${title}.ipynb`, title, from_upload });
  return id;
}

async function measureOpening(scene, title, content) {
  const { host, browser, state } = scene;
  const size = JSON.stringify(content).length;
  const id = await put(scene, title, content);
  const list = `${host.address}projects/demo/notebooks`;
  for (const inside of [undefined, { list, title }]) {
    const found = [];
    for (let at = 0; at < RUNS; at += 1) found.push(await opened(browser, `${list}/${id}`, state, inside));
    const of = (key) => middle(found.map((one) => one[key]));
    console.log(
      `${title} (${content.cells.length} cells, ${(size / 1e6).toFixed(1)} MB), ${inside ? "from the list" : "page opened anew"}: ` +
        `cells seen ${ms(of("cells"))} (goal 1000; worst ${ms(Math.max(...found.map(({ cells }) => cells)))}), ` +
        `editors ${ms(of("editors"))}, longest task ${ms(of("longest"))}, blocked ${ms(of("blocked"))}, ` +
        `heap ${(of("heap") / 1e6).toFixed(0)} MB, ${of("nodes")} elements, ${of("frames")} frames; median of ${RUNS}`,
    );
  }
  return id;
}

/** The same file in JupyterLab: from the page's start to the first cells, and to its own word that all is there. */
async function measurePeer(browser, title, content) {
  const folder = mkdtempSync(join(tmpdir(), "notebook-speed-"));
  writeFileSync(join(folder, `${title}.ipynb`), JSON.stringify(content));
  const port = 10_000 + Math.floor(Math.random() * 20_000);
  const options = [`--port=${port}`, "--IdentityProvider.token=", "--no-browser", "--allow-root", "--ip=127.0.0.1"];
  const home = { JUPYTER_CONFIG_DIR: folder, JUPYTER_DATA_DIR: folder, JUPYTER_RUNTIME_DIR: folder, HOME: folder };
  const server = spawn(process.env.JUPYTER_LAB, [...options, `--ServerApp.root_dir=${folder}`], {
    env: { ...process.env, ...home },
    stdio: "ignore",
  });
  try {
    const address = `http://127.0.0.1:${port}`;
    await until("JupyterLab answers", async () => (await fetch(`${address}/api`)).ok, 60_000);
    const { version } = await (await fetch(`${address}/api`)).json();
    const found = [];
    for (let at = 0; at < RUNS; at += 1) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      await page.addInitScript(watch);
      await page.goto(`${address}/lab/tree/${title}.ipynb?reset`);
      await page.locator(".jp-Cell .cm-content").first().waitFor();
      const cells = await page.evaluate(() => performance.now());
      await page.waitForTimeout(3000);
      found.push({ ...(await figures(page)), cells });
      await context.close();
    }
    const of = (key) => middle(found.map((one) => one[key]));
    console.log(
      `${title} in JupyterLab (server ${version}), page opened anew: cells seen ${ms(of("cells"))}, ` +
        `longest task ${ms(of("longest"))}, blocked ${ms(of("blocked"))}, heap ${(of("heap") / 1e6).toFixed(0)} MB, ` +
        `${of("nodes")} elements; median of ${RUNS}`,
    );
  } finally {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

/** Moves once per frame for `seconds` and answers frames a second, the longest gap and task. */
const moving = (page, seconds, way) =>
  page.evaluate(
    ([seconds, way]) =>
      new Promise((resolve) => {
        window.seen.tasks = [];
        const list = document.querySelector("[data-cells]");
        const pane = document.querySelector(".react-flow__pane");
        const gaps = [];
        const begin = performance.now();
        let last = begin;
        let travelled = 0;
        const step = (now) => {
          gaps.push(now - last);
          last = now;
          if (now - begin > seconds * 1000) {
            gaps.sort((a, b) => a - b);
            resolve({
              rate: gaps.length / seconds,
              p95: gaps[Math.floor(gaps.length * 0.95)],
              worst: gaps.at(-1),
              task: Math.max(0, ...window.seen.tasks.map(({ duration }) => duration)),
              travelled,
              nodes: document.querySelectorAll("*").length,
              shown: document.querySelectorAll("[data-cell]:not([data-far])").length,
            });
            return;
          }
          if (way === "scroll") {
            const before = list.scrollTop;
            list.scrollTop += 40;
            travelled += list.scrollTop - before;
          } else if (pane && way !== "rest") {
            // The sections are columns: along them, or to and fro with all of them in sight.
            const back = way === "to and fro" && Math.floor(gaps.length / 20) % 2 === 1;
            travelled += 40;
            const wheel = { bubbles: true, cancelable: true, clientX: 500, clientY: 400 };
            pane.dispatchEvent(new WheelEvent("wheel", { ...wheel, deltaX: back ? -40 : 40, deltaY: 0 }));
          }
          requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
    [seconds, way],
  );

const moved = (what, { rate, p95, worst, task, travelled, nodes, shown }) =>
  console.log(
    `${what}: ${rate.toFixed(0)} frames/s, 95 % of frames within ${ms(p95)}, worst ${ms(worst)}, ` +
      `longest task ${ms(task)}; ${travelled.toFixed(0)} px, ${nodes} elements, ${shown} cells drawn`,
  );

async function measureMoving(scene) {
  const { host, page } = scene;
  const content = notebook(1000, (at) => (at % 3 === 0 ? [stream(400)] : []));
  const id = await put(scene, "moves", content);
  await page.addInitScript(watch);
  await page.goto(`${host.address}projects/demo/notebooks/${id}`);
  await page.locator(".cm-content").first().waitFor();
  await page.waitForTimeout(2000);
  moved("nothing moves (the machine's own rate)", await moving(page, 2, "rest"));
  moved("list of 1,000 cells, scrolled", await moving(page, 6, "scroll"));
  await page.locator("[data-cell] .cm-content").first().click();
  const typed = await page.evaluate(() => {
    window.seen.tasks = [];
    return performance.now();
  });
  await page.keyboard.type("x = 1  # forty letters typed one by one..", { delay: 30 });
  const typing = await page.evaluate(() => Math.max(0, ...window.seen.tasks.map(({ duration }) => duration)));
  console.log(`typing in one of 1,000 cells: longest task ${ms(typing)}`);
  void typed;
  await page.keyboard.press("Escape");
  const begin = Date.now();
  await page.getByRole("button", { name: "Canvas" }).click();
  await page.locator(".nb-node").first().waitFor();
  console.log(`canvas of 1,000 cells: first cells after ${ms(Date.now() - begin)}`);
  await page.waitForTimeout(2500);
  moved("canvas of 1,000 cells, panned where texts are read", await moving(page, 6, "pan"));
  await page.getByRole("button", { name: /fit view/i }).click();
  await page.waitForTimeout(1500);
  moved("canvas of 1,000 cells, panned with all in sight", await moving(page, 4, "to and fro"));
}

const asked = process.argv.slice(2);
const wants = (part) => asked.length === 0 || asked.includes(part);
const stage = await open({ env: { CASTALIA_NO_DEMO_FLOW: "true" } });
try {
  const { page, host } = stage;
  await signIn(page, host.address);
  await until("the project is there", async () => (await stage.call("GET", "api/notebooks?project=demo")).items);
  const scene = { ...stage, browser: page.context().browser(), state: await page.context().storageState() };
  const { browser, state } = scene;
  const png = await picture(page, 60_000);
  const large = notebook(500, (at) =>
    at % 3 === 0 ? [drawn(png)] : at % 3 === 1 ? [stream(60_000)] : at % 9 === 2 ? [table(200)] : [stream(800)],
  );
  if (wants("open")) {
    const homes = [];
    for (let at = 0; at < RUNS; at += 1) homes.push(await home(browser, `${host.address}projects/demo`, state));
    console.log(`the home page, opened anew, for comparison: ${ms(middle(homes))}; median of ${RUNS}`);
    await measureOpening(scene, "large-outputs", large);
    const small = await picture(page, 11_000);
    const inline = notebook(500, () => [stream(30_000), drawn(small)]);
    await measureOpening(scene, "outputs-in-the-document", inline);
  }
  if (process.env.JUPYTER_LAB && wants("peer")) await measurePeer(browser, "large-outputs", large);
  if (wants("move")) await measureMoving(scene);
} finally {
  await stage.close();
}
