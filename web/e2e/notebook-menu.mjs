// What the menu of runs, the palette and Shift+Tab do with cells on a real kernel: each wish runs its cells and no others.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { open, signIn } from "./stage.mjs";

export const title = "notebook: ways to run, and what a name means";

const made = fileURLToPath(new URL("../../target/test-kernels", import.meta.url));
const kernels = process.env.CASTALIA_TEST_KERNELS ?? (existsSync(made) ? made : undefined);

const sources = ["# One", "print('a')", "print('b')", "# Two", "print('c')", "print('d')"];
const notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {
    kernelspec: { name: "python3", display_name: "Python 3", language: "python" },
    gm: { np_graph: { "c-1": ["c-5"] }, pc_graph: { "c-0": ["c-1", "c-2"], "c-3": ["c-4", "c-5"] } },
  },
  cells: sources.map((source, at) => ({
    id: `c-${at}`,
    metadata: {},
    source,
    ...(source.startsWith("#") ? { cell_type: "markdown" } : { cell_type: "code", execution_count: null, outputs: [] }),
  })),
};

export async function journey() {
  if (!kernels) throw new Error("there are no kernels: run scripts/test-kernels");
  const stage = await open({ env: { CASTALIA_KERNEL_PATH: kernels } });
  const { page, host, troubles, look, call } = stage;
  const cell = (at) => page.locator(`[data-cell=c-${at}]`);
  /** Waits until these cells have these numbers. */
  const counts = async (expected) => {
    for (const [at, count] of Object.entries(expected))
      await cell(at)
        .locator(".nb-count", { hasText: `[${count}]` })
        .waitFor({ timeout: 60_000 });
  };
  const toolbar = page.getByRole("toolbar", { name: "Notebook" });
  const menu = async (at, wish) => {
    await cell(at).focus();
    await toolbar.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("menuitem", { name: wish, exact: true }).click();
  };
  const palette = async (words, name) => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill(words);
    await page.getByRole("option", { name }).first().waitFor();
    await page.keyboard.press("Enter");
  };
  try {
    await signIn(page, host.address);
    await call("POST", "api/notebooks", { project: "demo", name: "ports.ipynb", title: "Ports", content: notebook });
    // The palette knows notebooks by their titles.
    await palette("Ports", "Ports");
    await page.getByRole("heading", { level: 1, name: /Ports/ }).waitFor();
    await cell(1).locator(".cm-content").waitFor();

    await menu(1, "This section");
    await counts({ 1: 1, 2: 2, 4: " ", 5: " " });
    await menu(4, "Up to here");
    await counts({ 1: 3, 2: 4, 4: 5, 5: " " });
    await menu(4, "From here");
    await counts({ 4: 6, 5: 7, 1: 3 });
    await menu(1, "Along the edges from here");
    await counts({ 1: 8, 5: 9, 2: 4, 4: 6 });
    await cell(2).locator(".cm-content").click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("  # other");
    await cell(2).getByText("changed since it ran").waitFor();
    await menu(2, "What is out of date");
    await counts({ 2: 10, 1: 8, 4: 6, 5: 9 });
    await menu(1, "All");
    await counts({ 1: 11, 2: 12, 4: 13, 5: 14 });
    await palette("Run all cells", "Run all cells");
    await counts({ 1: 15, 2: 16, 4: 17, 5: 18 });

    // What a name means, beside it; Escape takes that away and leaves one in the text.
    await cell(1).locator(".cm-content").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+Tab");
    await page.locator(".nb-info").getByText("Prints the values to a stream").waitFor();
    await look("notebook-inspect");
    await page.keyboard.press("Escape");
    await page.locator(".nb-info").waitFor({ state: "detached" });
    await page.locator("[data-cell=c-1][data-mode=edit]").waitFor();

    // What goes on for long is interrupted; a restart forgets what ran.
    await cell(5).locator(".cm-content").click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("\nimport time; print('waits'); time.sleep(600)");
    await page.keyboard.press("Control+Enter");
    await cell(5).locator(".nb-outputs").getByText("waits").waitFor();
    await toolbar.getByRole("button", { name: "Interrupt the kernel" }).click();
    await cell(5).getByText("KeyboardInterrupt").first().waitFor();
    await toolbar.getByRole("button", { name: "Restart the kernel" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Restart" }).click();
    await cell(1).getByText("ran on an earlier kernel").waitFor({ timeout: 60_000 });
  } catch (error) {
    for (const trouble of troubles) console.log(`  ${trouble}`);
    throw error;
  } finally {
    await stage.close();
  }
  return troubles;
}
