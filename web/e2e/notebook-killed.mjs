// The notebook of the demo in two browsers: both type, a section runs, one browser goes, the server is killed while a
// cell runs and started again. Nothing is lost, nothing doubled, and the run has gone on meanwhile.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { another, open, PASSWORD, signIn, until } from "./stage.mjs";

export const title = "notebook: the server is killed during a run";

const made = fileURLToPath(new URL("../../target/test-kernels", import.meta.url));
const kernels = process.env.CASTALIA_TEST_KERNELS ?? (existsSync(made) ? made : undefined);

export async function journey() {
  if (!kernels) throw new Error("there are no kernels: run scripts/test-kernels");
  const stage = await open({ env: { CASTALIA_KERNEL_PATH: kernels } });
  const { page, host, server, troubles, look, call } = stage;
  const cell = (id, on = page) => on.locator(`[data-cell="${id}"]`);
  const source = (id, on = page) => cell(id, on).locator(".cm-content");
  const write = async (on, id, text) => {
    await source(id, on).click();
    await on.keyboard.press("Control+End");
    await on.keyboard.type(text);
    await on.keyboard.press("Escape");
  };
  try {
    await signIn(page, host.address);
    let welcome;
    await until("the demo's notebook is there", async () => {
      const { items } = await call("GET", "api/notebooks?project=demo");
      welcome = items.find(({ name }) => name === "welcome.ipynb");
      return welcome !== undefined;
    });
    await call("POST", "api/users", { name: "ada", password: PASSWORD });
    await call("PUT", "api/projects/demo/members/ada", { role: "developer" });
    const ada = await another(stage, "ada");
    await Promise.all([page, ada].map((one) => one.goto(`${host.address}projects/demo/notebooks/${welcome.id}`)));
    for (const one of [page, ada]) await source("decay", one).waitFor();

    // Both write, in the same cell and at the same time.
    await Promise.all([write(page, "decay", "  # by demo"), write(ada, "figure", "# by ada")]);
    await write(ada, "decay", " # and ada");
    await until("each has what the other wrote", async () => {
      const texts = await Promise.all([source("decay").textContent(), source("figure").textContent()]);
      return texts[0].includes("# by demo # and ada") && texts[1].includes("# by ada");
    });

    // A section runs as one.
    await cell("plot").hover();
    await cell("plot")
      .getByRole("button", { name: /^More of/ })
      .click();
    await page.getByRole("menuitem", { name: "Run this section" }).click();
    await cell("figure", ada).locator(".nb-outputs img").waitFor({ timeout: 60_000 });
    await cell("decay").getByText("500 points, the last at 9.98 s").waitFor();
    await look("notebook-welcome");

    // One goes; the server dies in the middle of a run.
    await cell("steps").focus();
    await page.keyboard.press("Control+Enter");
    await cell("steps", ada).getByText("step 3 of 60").waitFor({ timeout: 30_000 });
    await ada.context().close();
    await server.kill();
    await page.getByText("Offline").first().waitFor();
    await page.waitForTimeout(4000);
    await server.start();
    const printed = async () => (await cell("steps").locator(".nb-outputs").textContent()) ?? "";
    await until("the run has gone on", async () => /step 1[0-9] of 60/.test(await printed()), 40_000);
    const steps = [...(await printed()).matchAll(/step (\d+) of 60/g)].map(([, step]) => Number(step));
    if (steps.some((step, at) => step !== at + 1)) troubles.push(`steps were lost or doubled: ${steps.join(" ")}`);
    await cell("steps")
      .getByText(/Running/)
      .first()
      .waitFor();
    await look("notebook-after-the-kill");

    // What was written is there once, also for whoever opens it anew.
    await page.reload();
    await source("decay").waitFor();
    const text = await source("decay").textContent();
    if (text.split("# by demo # and ada").length !== 2) troubles.push(`written by two, now: ${text}`);
    const { items: cells } = await call("GET", `api/notebooks/${welcome.id}/cells`);
    if (cells.length !== 13) troubles.push(`of 13 cells there are ${cells.length}`);
    await cell("steps").focus();
    await page.keyboard.press("i");
    await page.keyboard.press("i");
    await cell("steps").getByText("KeyboardInterrupt").first().waitFor();
  } catch (error) {
    for (const trouble of troubles) console.log(`  ${trouble}`);
    throw error;
  } finally {
    await stage.close();
  }
  return troubles;
}
