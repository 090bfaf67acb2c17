// The same by keyboard alone: nothing is clicked, every control is reached with Tab and used with Enter, Space and
// the arrows.
import { open, until } from "./stage.mjs";

export const title = "a run by keyboard alone";

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

  try {
    await page.goto(host.address);
    await page.getByLabel("Name").waitFor();
    // The name has the focus already.
    await keys.type("demo");
    await keys.press("Tab");
    await keys.type("demo");
    await keys.press("Enter");
    await page.getByRole("link", { name: "Choose what to run" }).waitFor({ timeout: 240_000 });
    await tabTo(/Choose what to run/);
    await keys.press("Enter");
    await page.getByRole("link", { name: /Spectrum/ }).waitFor({ timeout: 240_000 });
    await tabTo(/Spectrum/);
    await keys.press("Enter");
    await page.getByLabel("Input").waitFor();
    await until(
      "there is data to choose",
      async () => (await page.locator("option", { hasText: "mauna-loa" }).count()) > 0,
    );
    await tabTo(/^\s*Input/);
    await keys.type("mauna");
    await tabTo(/^\s*Run$/);
    await keys.press("Enter");
    await page.getByRole("link", { name: "See the outputs" }).waitFor({ timeout: 60_000 });
    await tabTo(/See the outputs/);
    await keys.press("Enter");
    await page.locator("[data-drawn]").waitFor();
    await tabTo(/^\s*spectrum/);
    await keys.press("Space");
    await page.getByText("amplitude (ppm)").waitFor();
    return troubles;
  } catch (error) {
    for (const trouble of troubles) console.log(`  ${trouble}`);
    await page.screenshot({ path: new URL("shots/failed.png", import.meta.url).pathname });
    throw error;
  } finally {
    await stage.close();
  }
}
