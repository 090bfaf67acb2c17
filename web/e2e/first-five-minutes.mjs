// By mouse alone (and what one types into fields), as somebody who has never seen it: sign in, run what is proposed,
// watch the log, see the plot; draw a spectrum and a map in the workbench; run something of one's own; lose the server
// and get it back; find everything again in data and ledger.
import { open, signIn, until } from "./stage.mjs";

export const title = "the first five minutes by mouse";

export async function journey() {
  const stage = await open();
  const { page, host, server, troubles, look } = stage;
  const badge = page.locator("[data-state]").first();
  const node = (name) => page.locator(`[data-node][title="${name}"]`).first();
  const begin = Date.now();
  try {
    await page.goto(host.address);
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await look("sign-in");

    await page.getByLabel("Name").fill("demo");
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await until("the refusal is said", async () => (await page.getByRole("alert").textContent()).length > 0);

    await signIn(page, host.address);
    // The demo's flow runs by itself while its environment is being prepared on a new machine.
    const finished = page.locator('[title="Earthquake map"][data-state=completed]');
    await finished.waitFor({ timeout: 300_000 });
    const proposal = page.getByRole("heading", { name: "Try this: Depth of the earthquakes below California" });
    await proposal.waitFor();
    await look("home");

    await page.getByRole("link", { name: "Fill in the form" }).click();
    await page.getByText("Only what is used is spent").waitFor();
    await look("new-process-example");
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page
      .getByLabel("Lines of the log")
      .getByText(/190 contour lines at 10 levels/)
      .waitFor({ timeout: 60_000 });
    await until(
      "the state arrives by itself",
      async () => (await badge.getAttribute("data-state")) === "completed",
      60_000,
    );
    await look("log");
    await page.getByRole("link", { name: "See the outputs" }).click();
    await page.locator("figure [data-drawn]").waitFor();
    await look("figure");

    // The workbench: the spectrum of the finished flow as a plot, the earthquakes on a map.
    await page.getByRole("link", { name: "Workbench" }).click();
    await node("Mauna Loa spectrum").click();
    await page.getByRole("tab", { name: "Log of Mauna Loa spectrum" }).waitFor();
    await page
      .getByLabel("Lines of the log")
      .getByText(/peak at 1\.00/)
      .waitFor();
    await node("spectrum").click();
    await page.getByRole("button", { name: "Draw what is selected" }).click();
    await page.getByText("amplitude (ppm)").first().waitFor();
    await node("earthquakes.geojson").click();
    await page.getByRole("tab", { name: "Map", exact: true }).click();
    await page.getByRole("button", { name: "Show what is selected" }).click();
    const map = page.locator('.map-canvas[data-drawn="1"]');
    await map.waitFor({ timeout: 60_000 });
    await page
      .getByLabel(/^Points in view/)
      .getByRole("option")
      .first()
      .click();
    await page.locator("[data-row]").getByText("mag", { exact: true }).waitFor();
    await page.setViewportSize({ width: 1600, height: 1000 });
    await page.getByRole("button", { name: "Layers", exact: true }).click();
    await page.getByRole("button", { name: "Show everything" }).click();
    await page.waitForTimeout(800);
    await look("workbench-map");
    await page.setViewportSize({ width: 1280, height: 860 });
    console.log(`  from the first page to the map: ${((Date.now() - begin) / 1000).toFixed(1)} s`);

    // Something of one's own.
    await page.getByRole("link", { name: "Home" }).click();
    await page.getByRole("link", { name: "New process" }).click();
    const type = page.getByRole("link", { name: /Spectrum/ });
    await type.waitFor();
    await look("types");
    await type.click();

    const input = page.getByLabel("Input");
    await page.getByText("The cost is shown when").waitFor();
    // A mistake is told at its field before anything is sent.
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByText("is required").waitFor();
    await look("new-process-mistake");
    await input.selectOption({ label: await input.locator("option", { hasText: "mauna-loa" }).textContent() });
    await page
      .getByText(/credits$/)
      .first()
      .waitFor();
    await look("new-process");
    await page.getByRole("button", { name: "Run", exact: true }).click();

    await page
      .getByLabel("Lines of the log")
      .getByText(/peak at 1\.00/)
      .waitFor({ timeout: 60_000 });
    await page.getByRole("link", { name: "See the outputs" }).click();
    await page.locator("figure [data-drawn]").waitFor();
    await page.getByRole("button", { name: /^spectrum/ }).click();
    await page
      .getByRole("figure", { name: /amplitude over frequency/ })
      .locator("[data-drawn]")
      .waitFor();
    await page.getByText("amplitude (ppm)").waitFor();
    await look("plot");
    await page.getByRole("button", { name: "Table", exact: true }).click();
    await page.getByRole("columnheader", { name: "frequency (cycles per year)" }).waitFor();
    await look("table");
    await page.getByRole("link", { name: "Parameters" }).click();
    await page.getByRole("link", { name: "mauna-loa-co2.csv", exact: true }).waitFor();
    await look("parameters");

    // The server goes away while a further version is prepared, and comes back.
    await page.getByRole("link", { name: "New version" }).click();
    await page.getByLabel("Peaks").fill("3");
    await server.stop();
    await page.getByText("You see how things were").waitFor();
    await look("server-gone");
    await server.start();
    await page.getByText("You see how things were").waitFor({ state: "hidden", timeout: 30_000 });
    if ((await page.getByLabel("Peaks").inputValue()) !== "3") throw new Error("the form was lost with the server");
    await page.getByRole("button", { name: "Run new version" }).click();
    await page.getByLabel("Version").waitFor();
    await until("version 2 completes", async () => (await badge.getAttribute("data-state")) === "completed", 60_000);

    await page.getByRole("link", { name: "Processes" }).click();
    await page.getByRole("link", { name: "fft" }).waitFor();
    await look("processes");
    await page.getByRole("link", { name: "Data" }).click();
    await page.getByLabel("Files to upload").setInputFiles({
      name: "mine.csv",
      mimeType: "text/csv",
      buffer: Buffer.from("depth (m),velocity (m/s)\n0,1500\n10,1620\n20,1710\n"),
    });
    await page.getByRole("link", { name: "mine.csv" }).waitFor();
    await page.getByRole("link", { name: "spectrum" }).first().waitFor();
    await look("data");
    await page.getByRole("link", { name: "spectrum" }).first().click();
    await page.locator("[data-drawn]").waitFor();
    await look("dataset");
    await page.getByRole("link", { name: "Ledger" }).click();
    await page.getByRole("cell", { name: "Spent" }).first().waitFor();
    await look("ledger");
    await page.getByRole("link", { name: "Home" }).click();
    await page.getByRole("heading", { name: "Newest processes" }).waitFor();
    await look("home");

    await page.getByRole("button", { name: /^Account/ }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    return troubles;
  } catch (error) {
    await page.screenshot({ path: new URL("shots/failed.png", import.meta.url).pathname });
    for (const trouble of troubles) console.log(`  ${trouble}`);
    throw error;
  } finally {
    await stage.close();
  }
}
