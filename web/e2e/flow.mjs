// The graph of a project: an empty one, one whose processes run while it is looked at, and one of a thousand processes,
// of which it prints how quickly it is drawn and how smoothly it moves.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { open, signIn, until } from "./stage.mjs";

export const title = "the flow";

const MANY = 1000;

export async function journey() {
  const stage = await open();
  const { page, host, troubles, look, call } = stage;
  const keys = page.keyboard;
  const node = (name) => page.locator(`[data-node][title="${name}"]`);
  const drawn = () => page.locator(".flow-panel[data-drawn]").waitFor({ timeout: 60_000 });
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("title"));
  const expect = async (what, get, value) => until(`${what} is ${value}`, async () => (await get()) === value);
  try {
    await signIn(page, host.address);
    await call("POST", "api/projects", { name: "empty", title: "Empty" });
    await call("POST", "api/projects", { name: "thousand", title: "A thousand" });
    await page.goto(`${host.address}projects/empty/flow`);
    await page.getByRole("link", { name: "New process" }).waitFor();
    await look("flow-empty");

    // The demo's own flow runs by itself, once its environment is ready.
    await page.goto(`${host.address}projects/demo/flow`);
    await node("Earthquake map").waitFor({ timeout: 300_000 });
    await drawn();
    await expect("the map's state", () => node("Earthquake map").getAttribute("data-state"), "completed");
    await node("density")
      .first()
      .waitFor()
      .catch(() => {});
    await page.getByRole("button", { name: "Show everything" }).click();
    await page.waitForTimeout(400);
    await look("flow");

    // A new run shows up, moves on and brings its outputs, without a reload.
    await call("POST", "api/processes", {
      project: "demo",
      type: "bootstrap/fft",
      name: "Live one",
      parameters: { input: "upload:mauna-loa-co2.csv", value_column: "co2" },
    });
    await node("Live one").waitFor();
    await until(
      "the run ends in the picture",
      async () => (await node("Live one").getAttribute("data-state")) === "completed",
      60_000,
    );

    // A click makes active; data shows its lineage; Escape ends that.
    await node("Earthquake catalogue").click();
    await expect("the active one", () => node("Earthquake catalogue").getAttribute("aria-current"), "true");
    await node("earthquakes.geojson").click();
    await until("the lineage stands out", async () => (await page.locator(".flow-card.flow-strong").count()) >= 4);
    if ((await page.locator(".flow-card.flow-dim").count()) === 0) throw new Error("nothing stands back");
    await look("flow-lineage");
    await keys.press("Escape");
    await until("all are alike again", async () => (await page.locator(".flow-card.flow-dim").count()) === 0);

    // By keys alone: along the edges, then open.
    await node("earthquakes.geojson").focus();
    await keys.press("ArrowRight");
    await expect("the focus", focused, "Earthquake catalogue");
    await keys.press("ArrowRight");
    await keys.press("ArrowRight");
    await expect("the focus", focused, "Earthquake map");
    await keys.press("Enter");
    await expect("the active one", () => node("Earthquake map").getAttribute("aria-current"), "true");

    // Moving is remembered and can be taken back.
    const placeOf = async (name) => page.locator(`.react-flow__node:has([title="${name}"])`).getAttribute("style");
    const before = await placeOf("Earthquake map");
    await keys.press("Shift+ArrowDown");
    await until("it moved", async () => (await placeOf("Earthquake map")) !== before);
    const box = await node("Live one").boundingBox();
    const liveBefore = await placeOf("Live one");
    await page.mouse.move(box.x + 60, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + 90, box.y + 90, { steps: 6 });
    await page.mouse.up();
    // While it is dragged it is between the pixels; what is remembered is whole.
    let moved = liveBefore;
    await until("it is moved and put down", async () => {
      moved = await placeOf("Live one");
      return moved !== liveBefore && /translate\(-?\d+px, -?\d+px\)/.test(moved);
    });
    await page.reload();
    await drawn();
    await expect("the place after a reload", () => placeOf("Live one"), moved);

    // Search and filter.
    await page.getByRole("textbox", { name: "Find a process or data" }).fill("earthquake");
    await page.getByText(/^\d+ found$/).waitFor();
    await keys.press("Enter");
    await page.getByText(/^1 of \d+$/).waitFor();
    await look("flow-search");
    await page.getByRole("button", { name: "Clear the search" }).click();
    await page.getByRole("button", { name: "All states" }).click();
    await page.getByRole("menuitemcheckbox", { name: /Failed/ }).click();
    await page.getByText("No process is in these states.").waitFor();
    await page.getByRole("button", { name: "Failed" }).click();
    await page.getByRole("menuitem", { name: "All states" }).click();
    await node("Live one").waitFor();
    await page.getByRole("button", { name: "Data", exact: true }).click();
    await until("data are folded away", async () => (await page.locator(".flow-data").count()) === 0);
    await look("flow-processes");
    await page.getByRole("button", { name: "Data", exact: true }).click();

    // In a window of its own: laid out again from the panel's menu, and that taken back.
    await page.goto(`${host.address}projects/demo/panel/FlowView`);
    await drawn();
    await node("Live one").focus();
    const laid = await placeOf("Live one");
    await keys.press("Shift+ArrowDown");
    await keys.press("Shift+ArrowDown");
    await page.waitForURL(/moved/);
    await until("it moved in the window", async () => (await placeOf("Live one")) !== laid);
    const nudged = await placeOf("Live one");
    await page.getByRole("button", { name: /menu/i }).first().click();
    await page.getByRole("menuitem", { name: "Lay out again" }).click();
    await expect("the place laid out again", () => placeOf("Live one"), laid);
    await node("Live one").focus();
    await keys.press("Control+z");
    await expect("the place after undo", () => placeOf("Live one"), nudged);
    await page.setViewportSize({ width: 420, height: 700 });
    await page.waitForTimeout(300);
    await look("flow-narrow");
    await page.setViewportSize({ width: 1280, height: 860 });
    await page.goto(`${host.address}projects/demo/flow`);
    await drawn();
    await node("earthquakes.geojson").dblclick();
    await page.getByRole("heading", { level: 1, name: "earthquakes.geojson" }).waitFor();

    // Small graphs on the pages of data, of a process, and of the project.
    const small = page.locator(".flow-mini[data-drawn]");
    await small.getByRole("link", { name: /^Earthquake catalogue/ }).waitFor();
    await small.scrollIntoViewIfNeeded();
    await look("flow-of-upload");
    await small.getByRole("link", { name: /^contours/ }).click();
    await page.getByRole("heading", { level: 1, name: "contours" }).waitFor();
    await small.getByRole("link", { name: /^Earthquake map/ }).waitFor();
    await page.getByText(/24 features/).waitFor();
    await small.scrollIntoViewIfNeeded();
    await look("flow-of-dataset");
    await small.getByRole("link", { name: /^Earthquake map/ }).click();
    await page.getByRole("heading", { level: 1, name: "Earthquake map" }).waitFor();
    await small.getByRole("link", { name: /^Earthquake catalogue/ }).waitFor();
    await small.scrollIntoViewIfNeeded();
    await look("flow-of-process");
    await page.getByRole("link", { name: "Show it in the whole flow" }).click();
    await drawn();
    await expect("the active one", () => node("Earthquake map").getAttribute("aria-current"), "true");
    await page.getByRole("link", { name: "Home", exact: true }).click();
    await small.getByRole("link", { name: /^Mauna Loa spectrum/ }).waitFor();
    await small.scrollIntoViewIfNeeded();
    await look("flow-preview");

    await thousand(stage);
    return troubles;
  } catch (error) {
    for (const trouble of troubles) console.log(`  ${trouble}`);
    await page.screenshot({ path: new URL("shots/failed.png", import.meta.url).pathname });
    throw error;
  } finally {
    await stage.close();
  }
}

async function thousand({ page, host, server, look }) {
  await server.stop();
  const script = fileURLToPath(new URL("thousand.py", import.meta.url));
  execFileSync("python3", [script, server.data, "thousand", String(MANY)]);
  await server.start();
  const begin = Date.now();
  await page.goto(`${host.address}projects/thousand/flow`);
  await page.locator(".flow-panel[data-drawn]").waitFor({ timeout: 120_000 });
  const first = Date.now() - begin;
  const figures = [["first drawn from the address", `${first} ms`]];
  await look("flow-thousand");

  const area = await page.locator(".react-flow__pane").boundingBox();
  const middle = { x: area.x + area.width / 2, y: area.y + area.height / 2 };
  /** Frames per second and the longest task while something is done. */
  async function watch(what, doing) {
    await page.evaluate(() => {
      const seen = { frames: [], longest: 0 };
      window.seen = seen;
      const observer = new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
      });
      observer.observe({ type: "longtask" });
      const frame = (now) => {
        seen.frames.push(now);
        if (window.seen === seen) requestAnimationFrame(frame);
        else observer.disconnect();
      };
      requestAnimationFrame(frame);
    });
    await doing();
    const { frames, longest } = await page.evaluate(() => {
      const { seen } = window;
      window.seen = undefined;
      return seen;
    });
    const gaps = frames.slice(1).map((at, index) => at - frames[index]);
    const fps = (1000 * gaps.length) / (frames.at(-1) - frames[0]);
    const text = `${fps.toFixed(0)} frames/s, longest gap ${Math.max(...gaps).toFixed(0)} ms, longest task ${longest.toFixed(0)} ms`;
    figures.push([what, text]);
  }
  const pan = async () => {
    await page.mouse.move(middle.x, middle.y);
    for (let step = 0; step < 60; step += 1) {
      await page.mouse.wheel(step < 30 ? 60 : -60, step % 30 < 15 ? 40 : -40);
      await page.waitForTimeout(16);
    }
  };
  await watch("all of it, panned by wheel", pan);
  await watch("zoomed in by keys", async () => {
    // Somewhere in the middle of it.
    await page.mouse.click(middle.x, middle.y);
    await page.locator("[data-node]").first().focus();
    await page.keyboard.press("ArrowDown");
    for (let step = 0; step < 3; step += 1) {
      await page.keyboard.press("+");
      await page.waitForTimeout(300);
    }
  });
  await watch("near, panned by wheel", pan);
  await watch("near, panned by drag", async () => {
    await page.mouse.move(middle.x, area.y + 12);
    await page.mouse.down();
    for (let step = 0; step < 60; step += 1) {
      await page.mouse.move(middle.x - step * 5, area.y + 12 + step * 4);
      await page.waitForTimeout(16);
    }
    await page.mouse.up();
  });
  await look("flow-thousand-near");
  await watch("data shown", async () => {
    await page.getByRole("button", { name: "Data", exact: true }).click();
    await page.getByText(/^Laying out/).waitFor({ state: "hidden", timeout: 120_000 });
    await page.waitForTimeout(500);
  });
  await look("flow-thousand-data");
  await watch("searched for", async () => {
    await page.getByRole("textbox", { name: "Find a process or data" }).pressSequentially("Map 12", { delay: 60 });
    await page.keyboard.press("Enter");
    await page.getByText(/^1 of \d+$/).waitFor();
    await page.waitForTimeout(500);
  });
  await look("flow-thousand-search");
  for (const [what, figure] of figures) console.log(`  ${MANY} processes, ${what}: ${figure}`);
}
