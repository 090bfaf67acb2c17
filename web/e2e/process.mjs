// The process editor: an example, a draft that a reload does not lose, a further version with its changes marked, two
// versions side by side, deletion that is taken back and one that is not; the same in panels.
import { open, signIn, until } from "./stage.mjs";

export const title = "processes are edited, compared and deleted";

export async function journey() {
  const stage = await open();
  const { page, host, troubles, look, call } = stage;
  const badge = page.locator("[data-state]").first();
  const completed = () =>
    until("it has completed", async () => (await badge.getAttribute("data-state")) === "completed", 60_000);
  const panel = (widget, settings) =>
    page.goto(`${host.address}projects/demo/panel/${widget}?settings=${encodeURIComponent(JSON.stringify(settings))}`);

  try {
    await signIn(page, host.address);
    await page.goto(`${host.address}projects/demo/new`);
    await page.getByRole("link", { name: /Spectrum/ }).waitFor({ timeout: 240_000 });
    const search = page.getByLabel("Search the process types");
    await search.fill("no such thing");
    await page.getByText("No process type has these words.").waitFor();
    await search.fill("spectrum");
    await page.getByRole("link", { name: /Spectrum/ }).click();

    // An example fills the form; what stood there can be put back.
    const peaks = page.getByLabel("Peaks");
    await peaks.fill("2");
    const example = page.getByRole("group", { name: "Fill in an example" }).getByRole("button").first();
    await example.click();
    await until("the input is filled in", async () => (await page.getByLabel("Input").inputValue()).length > 0);
    await page.getByText("Only what is used is spent").waitFor();
    await look("process-example");
    await page.getByRole("button", { name: "Put back what was there" }).click();
    await until("it is as before", async () => (await peaks.inputValue()) === "2");
    await example.click();

    // A reload loses nothing; what is discarded is gone.
    await page.getByLabel("Name of the process").fill("first try");
    await page.waitForTimeout(500);
    await page.reload();
    await page.getByText("Draft restored").waitFor();
    if ((await page.getByLabel("Name of the process").inputValue()) !== "first try")
      throw new Error("the name was lost");
    await look("process-draft");
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByText("Draft restored").waitFor({ state: "hidden" });
    await page.reload();
    await page.getByLabel("Name of the process").waitFor();
    if ((await page.getByText("Draft restored").count()) > 0) throw new Error("a discarded draft came back");

    // What the project can't pay for is said before and after.
    await call("POST", "api/projects", { name: "poor", title: "Poor" });
    await page.goto(`${host.address}projects/poor/new?type=bootstrap%2Finversion`);
    await page.getByText("credits are missing").waitFor();
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("alert").nth(1).waitFor();
    await look("process-too-dear");

    // An address may name an example.
    await page.goto(`${host.address}projects/demo/new?type=bootstrap%2Ffft&example=0`);
    await page.getByLabel("Name of the process").fill("spectrum");
    await page.getByRole("button", { name: "Own", exact: true }).click();
    await page.getByLabel("Time limit in minutes").fill("100000000");
    await page.getByText(/^Time limit in minutes: /).waitFor();
    await page.getByRole("button", { name: "Small" }).click();
    await page.getByText("Only what is used is spent").waitFor();
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "spectrum" }).waitFor();
    await completed();

    // A further version: what differs is marked.
    await page.getByRole("link", { name: "New version" }).click();
    await page.getByText("The parameters are those of version 1.").waitFor();
    await peaks.fill("3");
    await page.getByText(/^Changed; it was/).waitFor();
    await page.getByText("1 parameter changed since version 1.").waitFor();
    await look("process-new-version");
    await page.getByRole("button", { name: "Run new version" }).click();
    await page.getByLabel("Version", { exact: true }).waitFor();
    await completed();
    await page.getByRole("link", { name: "Compare" }).click();
    const comparison = page.getByRole("region", { name: "Comparison" });
    await comparison.getByRole("row", { name: /^peaks Changed/ }).waitFor();
    await comparison.getByRole("row", { name: /^window Equal/ }).waitFor();
    await look("process-compare");
    await page.getByLabel("Only what differs").check();
    await comparison.getByRole("row", { name: /^window/ }).waitFor({ state: "hidden" });
    const id = /processes\/(proc_\w+)/.exec(page.url())[1];
    await page.goto(`${host.address}projects/demo/processes/${id}?version=1&compare=2`);
    await comparison.getByRole("row", { name: /^peaks Changed 3/ }).waitFor();

    // The same as panels.
    await panel("ProcessEditor", {});
    await page.getByRole("heading", { level: 2, name: "New process" }).waitFor();
    await page.getByRole("button", { name: /Spectrum/ }).waitFor();
    await look("panel-editor-types");
    await page.getByRole("button", { name: /Spectrum/ }).click();
    await page.getByRole("group", { name: "Fill in an example" }).getByRole("button").first().click();
    await page.getByLabel("Name of the process").fill("from the panel");
    await look("panel-editor-new");
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("heading", { level: 2, name: "from the panel" }).waitFor();
    await completed();
    await page.getByRole("button", { name: /^Outputs \([1-9]/ }).click();
    await page.locator("[data-drawn]").waitFor();
    await look("panel-editor-outputs");
    await panel("ProcessLog", { process: id });
    await page
      .getByLabel(/^Lines of the log/)
      .getByText(/peak at/)
      .first()
      .waitFor();
    await look("panel-log");
    await page.setViewportSize({ width: 420, height: 500 });
    await look("panel-log-narrow");
    await page.setViewportSize({ width: 1280, height: 860 });
    await panel("ProcessLog", {});
    await page.getByText("No active process").waitFor();
    await look("panel-log-empty");

    // The list by state, type and words; all in the address.
    await page.goto(`${host.address}projects/demo/processes`);
    await page.getByLabel("Search by name").fill("from the");
    await page.getByRole("link", { name: "from the panel" }).waitFor();
    await page.getByRole("link", { name: "spectrum", exact: true }).waitFor({ state: "hidden" });
    await page.getByLabel("State").selectOption("failed");
    await page.getByText("No process is like this.").waitFor();
    await look("processes-none");
    await page.reload();
    if ((await page.getByLabel("State").inputValue()) !== "failed") throw new Error("the filter is not in the address");
    await page.getByRole("link", { name: "Show all" }).click();

    // Deleted and taken back; deleted for good.
    const remove = async () => {
      await page.getByRole("link", { name: "from the panel" }).click();
      await page.getByRole("button", { name: "Delete…" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).waitFor();
    };
    await remove();
    await look("process-delete");
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("heading", { level: 1, name: "Processes" }).waitFor();
    await page.getByRole("link", { name: "from the panel" }).waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("link", { name: "from the panel" }).waitFor();
    await remove();
    const gone = page.waitForResponse((answer) => answer.request().method() === "DELETE");
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    const answer = await gone;
    if (answer.status() !== 204) throw new Error(`the deletion was answered with ${answer.status()}`);
    await page.reload();
    await page.getByRole("link", { name: "spectrum", exact: true }).waitFor();
    if ((await page.getByRole("link", { name: "from the panel" }).count()) > 0) throw new Error("it was not deleted");
    return troubles;
  } catch (error) {
    for (const trouble of troubles) console.log(`  ${trouble}`);
    await page.screenshot({ path: new URL("shots/failed.png", import.meta.url).pathname });
    throw error;
  } finally {
    await stage.close();
  }
}
