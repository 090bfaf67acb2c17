// The same by keyboard alone: nothing is clicked, every control is reached with Tab or by its keys and used with Enter,
// Space and the arrows.
import { open, until } from "./stage.mjs";

export const title = "the first five minutes by keyboard";

export async function journey() {
  const stage = await open();
  const { page, host, troubles } = stage;
  const keys = page.keyboard;

  /** Presses Tab until a control with this name has the focus. */
  async function tabTo(name, limit = 60) {
    for (let step = 0; step < limit; step += 1) {
      const focused = await page.evaluate(() => {
        const element = document.activeElement;
        const label = element.labels?.[0]?.textContent ?? "";
        return `${element.getAttribute("aria-label") ?? ""} ${label} ${element.textContent}`;
      });
      if (name.test(focused)) return;
      await keys.press("Tab");
    }
    throw new Error(`${name} can't be reached by keyboard`);
  }

  const titleOfFocus = () => page.evaluate(() => document.activeElement?.getAttribute("title"));
  const focusIs = (title) => until(`${title} has the focus`, async () => (await titleOfFocus()) === title);

  /** Whether the focus is on a tab with this one beside it. */
  const besideFocus = (name) =>
    page.evaluate((name) => {
      const tabs = [...(document.activeElement?.closest("[role=tablist]")?.querySelectorAll("[role=tab]") ?? [])];
      return tabs.some((tab) => (tab.getAttribute("aria-label") ?? tab.textContent).trim() === name);
    }, name);

  try {
    await page.goto(host.address);
    await page.getByLabel("Name").waitFor();
    // The name has the focus already.
    await keys.type("demo");
    await keys.press("Tab");
    await keys.type("demo");
    await keys.press("Enter");
    await page.locator('[title="Earthquake map"][data-state=completed]').waitFor({ timeout: 300_000 });
    await page.getByRole("heading", { name: "Try this: Depth of the earthquakes below California" }).waitFor();
    await tabTo(/^\s*Fill in the form/);
    await keys.press("Enter");
    await page.getByText("Only what is used is spent").waitFor();
    await tabTo(/^\s*Run$/);
    await keys.press("Enter");
    await page
      .getByLabel("Lines of the log")
      .getByText(/190 contour lines at 10 levels/)
      .waitFor({ timeout: 60_000 });
    await page.getByRole("link", { name: "See the outputs" }).waitFor({ timeout: 60_000 });
    await tabTo(/See the outputs/);
    await keys.press("Enter");
    await page.locator("figure [data-drawn]").waitFor();
    await tabTo(/^\s*contours/);
    await keys.press("Space");
    await page.getByRole("button", { name: /^contours/, pressed: true }).waitFor();

    // The workbench: along the flow with the arrows, the log, a plot, a map.
    await keys.press("g");
    await keys.press("w");
    const find = page.getByRole("textbox", { name: "Find a process or data" });
    await find.waitFor();
    await tabTo(/Find a process or data/);
    await keys.type("mauna-loa-co2.csv");
    await page.getByText(/^1 found$/).waitFor();
    await keys.press("ArrowDown");
    await focusIs("mauna-loa-co2.csv");
    await keys.press("ArrowRight");
    await focusIs("Mauna Loa spectrum");
    await keys.press("Enter");
    await page.getByRole("tab", { name: "Log of Mauna Loa spectrum" }).waitFor();
    await keys.press("ArrowRight");
    for (let step = 0; step < 3 && (await titleOfFocus()) !== "spectrum"; step += 1) await keys.press("ArrowDown");
    await focusIs("spectrum");
    await keys.press("Enter");
    await tabTo(/^\s*Draw what is selected/);
    await keys.press("Enter");
    await page.getByText("amplitude (ppm)").first().waitFor();
    await tabTo(/Find a process or data/, 150);
    await keys.press("Control+a");
    await keys.type("earthquakes.geojson");
    await page.getByText(/^1 found$/).waitFor();
    await keys.press("ArrowDown");
    await focusIs("earthquakes.geojson");
    await keys.press("Enter");
    // The tab beside the one that is shown.
    for (let step = 0; step < 150 && !(await besideFocus("Map")); step += 1) await keys.press("Tab");
    await keys.press("ArrowRight");
    await keys.press("Enter");
    await tabTo(/^\s*Show what is selected/);
    await keys.press("Enter");
    await page.locator('.map-canvas[data-drawn="1"]').waitFor({ timeout: 60_000 });
    await tabTo(/^Map\b[^:]*$/, 150);
    await keys.press("n");
    await page.locator("[data-row]").getByText("mag", { exact: true }).waitFor();
    return troubles;
  } catch (error) {
    for (const trouble of troubles) console.log(`  ${trouble}`);
    await page.screenshot({ path: new URL("shots/failed.png", import.meta.url).pathname });
    throw error;
  } finally {
    await stage.close();
  }
}
