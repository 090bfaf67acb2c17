// Cells on a real kernel, seen by two people: outputs, errors, input, interrupting, widgets, completion, variables; what
// is out of date, and what a restart takes along.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { another, open, PASSWORD, signIn, until } from "./stage.mjs";

export const title = "notebook: running together";

/** The environment that `scripts/test-kernels` made. */
const made = fileURLToPath(new URL("../../target/test-kernels", import.meta.url));
const kernels = process.env.CASTALIA_TEST_KERNELS ?? (existsSync(made) ? made : undefined);

const sources = [
  "# Heights\n\nOf tides.",
  "import time\nheights = [6.1, 4.7]\nprint('heights', heights)",
  "for n in range(3):\n    print('step', n, flush=True)\n    time.sleep(0.2)\nheights[0]",
  "name = input('Which port? ')\nprint('port', name)",
  "from IPython.display import HTML, display\ndisplay(HTML('<b id=bold>bold</b><script>document.body.append(\"scripted\")</script>'))",
  "import ipywidgets\nslider = ipywidgets.IntSlider(value=3, max=9, description='Ports')\nbutton = ipywidgets.Button(description='Press')\npressed = []\nbutton.on_click(lambda _: pressed.append(1))\nipywidgets.VBox([slider, button])",
  "print('slider at', slider.value, 'pressed', len(pressed))",
  "1 / 0\n# after this",
  "time.sleep(60)",
  "for line in range(20_000): print('line', line, 'of many')",
  "@ipywidgets.interact(depth=ipywidgets.IntSlider(value=3, max=9))\ndef sound(depth):\n    print('depth', depth)",
];

const notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } },
  cells: sources.map((source, at) => ({
    id: `cell-${at}`,
    metadata: {},
    source,
    ...(at === 0 ? { cell_type: "markdown" } : { cell_type: "code", execution_count: null, outputs: [] }),
  })),
};

export async function journey() {
  if (!kernels) throw new Error("there are no kernels: run scripts/test-kernels");
  const stage = await open({ env: { CASTALIA_KERNEL_PATH: kernels } });
  const { page, host, troubles, look, call } = stage;
  const cell = (at, on = page) => on.locator(`[data-cell=cell-${at}]`);
  const run = async (at) => {
    await cell(at).focus();
    await page.keyboard.press("Control+Enter");
  };
  const text = (at, words, on = page, timeout = 15_000) =>
    cell(at, on).locator(".nb-outputs").getByText(words).first().waitFor({ timeout });
  try {
    await signIn(page, host.address);
    const { id } = await call("POST", "api/notebooks", {
      project: "demo",
      name: "tides.ipynb",
      title: "Tides",
      content: notebook,
    });
    await call("POST", "api/users", { name: "ada", password: PASSWORD });
    await call("PUT", "api/projects/demo/members/ada", { role: "developer" });
    const ada = await another(stage, "ada");
    await Promise.all([page, ada].map((one) => one.goto(`${host.address}projects/demo/notebooks/${id}`)));
    await cell(1).locator(".cm-content").waitFor();
    await cell(1, ada).locator(".cm-content").waitFor();

    // The first run starts a kernel; both see what comes.
    await run(1);
    for (const on of [page, ada]) await text(1, "heights [6.1, 4.7]", on, 40_000);
    await cell(1, ada)
      .getByText(/Ran by demo/)
      .waitFor();
    await page.locator("[data-kernel=idle]").waitFor();
    await run(2);
    await text(2, "step 0", ada);
    await text(2, "6.1", ada);

    // It asks whoever ran it.
    await run(3);
    await cell(3, ada).getByText("Waiting for demo").waitFor();
    if ((await cell(3, ada).getByLabel("Which port?").count()) > 0) troubles.push("somebody else is asked as well");
    await cell(3).getByLabel("Which port?").fill("Brest");
    await look("notebook-input");
    await page.keyboard.press("Enter");
    await text(3, "port Brest", ada);

    // HTML and scripts, in their frame.
    await run(4);
    await cell(4).frameLocator("iframe").getByText("scripted").waitFor();

    // Widgets, moved by the one, seen by the other.
    await run(5);
    const slider = (on) => cell(5, on).getByRole("slider");
    await slider(page).waitFor();
    await slider(ada).waitFor();
    await slider(page).focus();
    await page.keyboard.press("ArrowRight");
    await until("the other sees it", async () => (await slider(ada).inputValue()) === "4");
    await cell(5).getByRole("button", { name: "Press" }).click();
    await run(6);
    await text(6, "slider at 4 pressed 1");
    await look("notebook-widgets");

    // What a widget's function prints is within the widget, for both, and for who comes later.
    await run(10);
    await text(10, "depth 3", ada);
    await cell(10).getByRole("slider").focus();
    await page.keyboard.press("ArrowRight");
    for (const on of [page, ada]) await text(10, "depth 4", on);
    if ((await cell(10, ada).getByText("depth 3").count()) > 0) troubles.push("a widget's outputs pile up");
    await ada.reload();
    await text(10, "depth 4", ada);

    // What is out of date says so; the kernel knows names.
    await cell(6).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Control+End");
    await page.keyboard.type("\nheigh");
    await page.keyboard.press("Tab");
    await page.locator(".cm-tooltip-autocomplete").getByText("heights").first().waitFor();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    await cell(6).getByText("changed since it ran").waitFor();
    await page.getByRole("button", { name: "Variables" }).click();
    await page.getByRole("table", { name: "Variables" }).getByRole("cell", { name: "heights", exact: true }).waitFor();
    await look("notebook-variables");
    await page.getByRole("button", { name: "Close" }).click();

    // An error; what takes too long is stopped.
    await run(7);
    await text(7, "ZeroDivisionError");
    await cell(7)
      .getByText(/Failed, run by demo/)
      .waitFor();
    await run(8);
    await cell(8, ada)
      .getByText(/Running/)
      .waitFor();
    await page.waitForTimeout(500);
    await cell(8).focus();
    await page.keyboard.press("i");
    await page.keyboard.press("i");
    await text(8, "KeyboardInterrupt", ada);
    await look("notebook-ran");

    // What is too long for the document is stored, and its end is seen.
    await run(9);
    await cell(9, ada)
      .getByText(/Shortened: .* of text stored/)
      .waitFor();
    await cell(9, ada)
      .getByText(/Ran by demo/)
      .waitFor({ timeout: 30_000 });
    const [download] = await Promise.all([
      ada.waitForEvent("download"),
      cell(9, ada).getByRole("link", { name: "Download" }).click(),
    ]);
    const whole = readFileSync(await download.path(), "utf8");
    if (whole.split("\n").length !== 20_001) troubles.push(`the stored text has ${whole.split("\n").length} lines`);
    await text(9, "line 19999 of many");

    // How much that is, and which cell it was.
    await page.getByRole("button", { name: "Storage" }).click();
    const largest = page.getByRole("region", { name: "Largest cells" });
    await largest.getByText(/^\d+(\.\d)? kB$/).waitFor();
    if ((await page.getByRole("meter", { name: "This notebook" }).getAttribute("value")) !== "1")
      troubles.push("the notebook's bar is not that of a little");
    await look("notebook-storage");
    await cell(1).focus();
    await largest.getByRole("button", { name: /of many/ }).click();
    await page.locator("[data-cell=cell-9]:focus").waitFor();
    await page.getByRole("button", { name: "Close" }).click();

    // Kernels of other languages are offered.
    await page.locator("button[data-kernel]").click();
    await page.getByRole("menuitemcheckbox", { name: /Bash/ }).waitFor();
    await page.keyboard.press("Escape");

    // A new kernel has forgotten; a page that comes later sees the outputs.
    await page.keyboard.press("Escape");
    await cell(8).focus();
    await page.keyboard.press("0");
    await page.keyboard.press("0");
    await page.getByRole("dialog").getByRole("button", { name: "Restart" }).click();
    await cell(1, ada).getByText("ran on an earlier kernel").waitFor({ timeout: 30_000 });
    await ada.reload();
    await text(1, "heights [6.1, 4.7]", ada);
  } catch (error) {
    for (const trouble of troubles) console.log(`  ${trouble}`);
    throw error;
  } finally {
    await stage.close();
  }
  return troubles.filter((trouble) => !/sandboxed|Content Security Policy/.test(trouble));
}
