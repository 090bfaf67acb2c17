// JupyterLab as a workspace, by mouse: its stages, a kernel that computes through the proxy, why it is kept while it is
// busy, and beside the other panels. `scripts/test-jupyterhub` installs the programs; without them it is skipped.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { open, signIn, until } from "./stage.mjs";

export const title = "JupyterLab in a workspace";

const programs =
  process.env.CASTALIA_TEST_JUPYTERHUB ?? fileURLToPath(new URL("../../target/test-jupyterhub/bin", import.meta.url));
/** It imports a lot, on a busy machine for long. */
const PATIENCE = 180_000;

export async function journey() {
  if (!existsSync(`${programs}/jupyterhub-singleuser`)) {
    console.log("  skipped: JupyterHub is not installed (`scripts/test-jupyterhub` installs it)");
    return [];
  }
  const stage = await open({ env: { CASTALIA_WORKSPACE_PATH: programs } });
  const { page, host, troubles, look } = stage;
  try {
    await signIn(page, host.address);
    await page.getByRole("link", { name: "Workspaces" }).click();
    const begin = Date.now();
    await page.getByRole("button", { name: "Open JupyterLab" }).click();
    await page.getByRole("heading", { level: 1, name: /JupyterLab/ }).waitFor();
    await page.locator("h1 [data-state=ready]").waitFor({ timeout: PATIENCE });
    console.log(`  ready ${((Date.now() - begin) / 1000).toFixed(1)} s after the click`);
    // What JupyterLab says to the console is its own affair.
    const ours = [...troubles];

    const [lab] = await Promise.all([
      page.context().waitForEvent("page"),
      page.getByRole("button", { name: "Open in a tab" }).click(),
    ]);
    await lab.locator(".jp-LauncherCard[data-category=Notebook]").first().click({ timeout: PATIENCE });
    const cell = lab.locator(".jp-Notebook .jp-Cell .cm-content").first();
    await cell.click({ timeout: 60_000 });
    await until("a kernel is there", async () => (await lab.getByText(/\| Idle/).count()) > 0, PATIENCE);
    await cell.click();
    await lab.keyboard.type("6 * 7");
    await lab.keyboard.press("Shift+Enter");
    await lab.locator(".jp-OutputArea-output", { hasText: "42" }).waitFor({ timeout: 60_000 });

    // A busy kernel keeps it, and that is said.
    await lab.keyboard.type("import time; time.sleep(75)");
    await lab.keyboard.press("Shift+Enter");
    await page.bringToFront();
    await page
      .locator("[data-kept]")
      .getByText(/kernel \S+ busy/)
      .waitFor({ timeout: 60_000 });
    ours.push(...troubles.filter((one) => one.startsWith("lab-")));
    await look("lab-ready");
    await lab.close();

    // In a pane.
    await page.getByRole("button", { name: "Open in the workbench" }).click();
    const pane = page.frameLocator("iframe[title=JupyterLab]");
    await pane.locator("#jp-main-dock-panel, .jp-Launcher, .jp-Notebook").first().waitFor({ timeout: PATIENCE });
    await pane.locator("#jupyterlab-splash, .jp-splash").first().waitFor({ state: "hidden", timeout: 60_000 });
    await page.waitForTimeout(1500);
    await page.screenshot({ path: fileURLToPath(new URL("shots/lab-pane-light.png", import.meta.url)) });
    ours.push(...troubles.filter((one) => one.startsWith("lab-ready")));
    return [...new Set(ours)];
  } finally {
    await stage.close();
  }
}
