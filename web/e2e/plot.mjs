// A plot put together from real data: units that share an axis, a grid as colours and contours, a spectrum, a series
// that is thinned and asked for again, picked rows, files, and figures that are saved, opened, changed and deleted.
import { readFileSync } from "node:fs";
import { open, signIn, until } from "./stage.mjs";

export const title = "plots";

const SAMPLES = 300_000;
const SPIKE = 123_456;

/** A long record with one sample that must not be lost. */
function record() {
  const rows = ["time (s),signal (mV)"];
  for (let i = 0; i < SAMPLES; i += 1)
    rows.push(`${i / 100},${i === SPIKE ? 99 : (Math.sin(i / 5000) * 10).toFixed(3)}`);
  return Buffer.from(`${rows.join("\n")}\n`);
}

const model = () => {
  const rows = ["depth (km),velocity (km/s)"];
  for (let i = 0; i <= 20; i += 1) rows.push(`${i * 0.005},${(2 + i / 20).toFixed(3)}`);
  return Buffer.from(`${rows.join("\n")}\n`);
};

export async function journey() {
  const stage = await open();
  const { page, host, troubles, look, call } = stage;
  /** As another person does it meanwhile. */
  const retitle = async (figure, title) => {
    const path = `api/projects/demo/figures/${figure}`;
    const { name, spec, revision } = await call("GET", path);
    await call("PUT", path, { name, spec: { ...spec, title }, revision });
  };
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  const datasets = async () => (await call("GET", "api/datasets?project=demo&limit=500")).items;
  const drawn = () => page.locator("[data-drawn]").waitFor();
  const status = page.getByRole("status");
  const figure = page.getByRole("figure");
  const setUp = page.getByRole("region", { name: "Set up of the plot" });
  const menu = async (button, item) => {
    await page.getByRole("button", { name: button }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  const addData = async (search, option) => {
    await page.getByRole("button", { name: "Add data", exact: true }).first().click();
    await page.getByRole("combobox", { name: "Search data" }).fill(search);
    await page.getByRole("option", { name: option }).first().waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
  };
  try {
    await signIn(page, host.address);
    await until(
      "the process types are there",
      async () => (await call("GET", "api/process-types")).length > 3,
      240_000,
    );
    await until(
      "the demo's files are there",
      async () => (await call("GET", "api/uploads?project=demo")).items.some(({ name }) => name === "rays.csv"),
      120_000,
    );
    await call("POST", "api/processes", {
      project: "demo",
      name: "Cross-hole",
      type: "bootstrap/inversion",
      parameters: { input: "upload:rays.csv" },
    });
    await page.getByRole("link", { name: "Data", exact: true }).click();
    for (const [name, buffer] of [
      ["record.csv", record()],
      ["model-km.csv", model()],
    ]) {
      await page.locator("input[type=file]").first().setInputFiles({ name, mimeType: "text/csv", buffer });
      await until(
        `${name} is there`,
        async () => (await call("GET", "api/uploads?project=demo")).items.some((upload) => upload.name === name),
        60_000,
      );
    }
    let all = [];
    await until(
      "the flow has ended",
      async () => {
        all = await datasets();
        return ["spectrum", "misfit_curve", "grid"].every((name) => all.some((one) => one.name === name));
      },
      240_000,
    );
    const idOf = (name) => all.find((one) => one.name === name).id;

    // Nothing is saved yet: the page says what to do.
    await page.getByRole("link", { name: "Figures" }).click();
    await page.getByRole("heading", { name: "No figures yet" }).waitFor();
    await look("figures-empty");
    await page.getByRole("link", { name: "New plot" }).click();
    await page.getByRole("heading", { name: "Nothing is drawn yet" }).waitFor();
    await look("plot-empty");

    // Two data sets, metres and kilometres: one axis, in the unit of the first.
    await page.getByRole("button", { name: "Choose data" }).click();
    await page.getByRole("combobox", { name: "Search data" }).fill("model");
    await page.getByRole("option", { name: /^model Cross-hole/ }).waitFor();
    await look("plot-picker");
    await page.getByRole("option", { name: /^model Cross-hole/ }).click();
    await drawn();
    await setUp.getByLabel("Drawn as").selectOption("points");
    await setUp.getByLabel("Over (X)").selectOption({ label: "y (m)" });
    await setUp.getByLabel("Values (Y)").selectOption({ label: "velocity (m/s)" });
    await addData("model-km", /model-km/);
    await page.getByRole("figure", { name: /velocity over y.*velocity over depth/ }).waitFor();
    await until("both stand on one axis in m/s", async () => {
      const titles = await figure.locator(".g-ytitle text, .g-y2title text").allTextContents();
      return titles.length === 1 && titles[0] === "velocity (m/s)";
    });
    await look("plot-units");
    await setUp.getByRole("button", { name: /^Left/ }).click();
    await setUp.getByLabel("Unit").last().selectOption("km/s");
    await page.getByText("velocity (km/s)").first().waitFor();
    await page.keyboard.press("Escape");
    await page.locator("h1").first().click({ force: true });
    await page.keyboard.press("Control+z");
    await until("the unit is taken back", async () =>
      (await figure.locator(".g-ytitle text").textContent()).includes("(m/s)"),
    );

    // Saved for the project, found again, changed by somebody else meanwhile.
    await menu("Figure: save and open", "Save…");
    await page.getByLabel("Name", { exact: true }).last().fill("Two models");
    await look("plot-save");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Two models is saved").waitFor();
    await page.waitForURL(/figures\/fig_/);
    const saved = page.url().match(/fig_[^?/]+/)[0];
    await drawn();
    await retitle(saved, "Theirs");
    await page.getByText("Theirs").first().waitFor();
    await setUp.getByLabel("Title").last().fill("Mine");
    await retitle(saved, "Theirs again");
    await menu("Figure: save and open", "Save Two models");
    await page.getByRole("heading", { name: "Two models was changed meanwhile" }).waitFor();
    await look("plot-conflict");
    await page.getByRole("button", { name: "Save mine over it" }).click();
    await page.getByText("Two models is saved").waitFor();
    await figure.getByText("Mine").waitFor();

    // Files: none is empty, and each is what it says.
    const download = async (item) => {
      const [file] = await Promise.all([page.waitForEvent("download"), menu("Export and import", item)]);
      return readFileSync(await file.path());
    };
    const png = await download("Export as PNG");
    if (png.subarray(1, 4).toString() !== "PNG" || png.length < 10_000) throw new Error("the PNG is no picture");
    if (png.readUInt32BE(16) !== 2000) throw new Error(`the PNG is ${png.readUInt32BE(16)} wide`);
    const svg = (await download("Export as SVG")).toString();
    if (!svg.startsWith("<svg") || !svg.includes("velocity (m/s)")) throw new Error("the SVG is no picture");
    const json = await download("Export as JSON");
    const file = JSON.parse(json);
    const hashes = file.data.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256));
    if (file.format !== "castalia.plot" || file.data.length !== 2 || !hashes || !/\d/.test(file.software.version))
      throw new Error(`the JSON lacks something: ${json}`);

    // A grid as colours, and as contours.
    await page.goto(`${host.address}projects/demo/figures/new?data=${idOf("grid")}`);
    await drawn();
    await figure.locator(".heatmaplayer image").waitFor();
    await look("plot-heat-map");
    await setUp.getByRole("button", { expanded: false }).first().click();
    await setUp.getByLabel("Drawn as").selectOption("contour");
    await figure.locator(".contourlayer path").first().waitFor({ state: "attached" });
    await look("plot-contour");

    // A spectrum as its process wrote it, beside one that is computed here of the same series.
    await page.goto(`${host.address}projects/demo/figures/new?data=${idOf("spectrum")}`);
    await drawn();
    await addData("mauna", /mauna-loa-co2/);
    await setUp.getByLabel("Drawn as").last().selectOption("spectrum");
    await page.getByRole("figure", { name: /amplitude over frequency.*amplitude of co2 over frequency/ }).waitFor();
    await look("plot-spectrum");

    // The misfit curve of the inversion, over weights that span orders of magnitude.
    await page.goto(`${host.address}projects/demo/figures/new?data=${idOf("misfit_curve")}`);
    await drawn();
    await setUp.getByRole("button", { expanded: false }).first().click();
    await setUp.getByLabel("Drawn as").selectOption("misfit");
    await figure.locator(".points path").first().waitFor({ state: "attached" });
    await look("plot-misfit");

    // A long record: thinned, its one spike kept, finer when one looks closer.
    const uploads = (await call("GET", "api/uploads?project=demo")).items;
    await page.goto(
      `${host.address}projects/demo/figures/new?data=${uploads.find(({ name }) => name === "record.csv").id}`,
    );
    await drawn();
    const said = status.getByText(/^thinned: .* of 300,000 rows/);
    const whole = await said.textContent();
    const tick = () => figure.locator(".ytick text").allTextContents();
    if (!(await tick()).some((text) => Number(text) >= 80)) throw new Error(`the spike was lost: ${await tick()}`);
    await look("plot-thinned");
    const box = await figure.locator(".nsewdrag").first().boundingBox();
    const drag = async (fromX, fromY, toX, toY) => {
      await page.mouse.move(box.x + box.width * fromX, box.y + box.height * fromY);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * toX, box.y + box.height * toY, { steps: 8 });
      await page.mouse.up();
    };
    await drag(0.4, 0.5, 0.401 + 0.05, 0.52);
    await until("finer values have come", () => asked.some((url) => /series.*from=/.test(url)));
    await status.getByText("Loading…").waitFor({ state: "hidden" });
    await look("plot-zoomed");
    await page.mouse.dblclick(box.x + box.width / 2, box.y + box.height / 2);
    await until("everything is shown again", async () => (await said.textContent()) === whole);

    // Rows that are picked in the plot are picked everywhere; those picked in the table are marked in the plot.
    await page.getByRole("button", { name: "Dragging: Zoom" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Pick rows in a box" }).click();
    await drag(0.1, 0.05, 0.3, 0.95);
    await status.getByText(/rows picked/).waitFor();
    await look("plot-picked");
    await page.getByRole("button", { name: "Pick no rows" }).click();
    await page.getByRole("button", { name: "Show as table" }).click();
    await page.getByRole("checkbox", { name: "1", exact: true }).check();
    await status.getByText("1 row picked").waitFor();
    await look("plot-table");

    // What was exported comes back with the same data.
    await page.goto(`${host.address}projects/demo/figures/new`);
    await page.getByRole("heading", { name: "Nothing is drawn yet" }).waitFor();
    await page
      .getByLabel("A plot to import")
      .setInputFiles({ name: "two.plot.json", mimeType: "application/json", buffer: json });
    await page.getByText("of the same data").waitFor();
    await drawn();
    await page.getByRole("figure", { name: /velocity over y.*velocity over depth/ }).waitFor();

    // The list: open, delete, and back.
    await page.getByRole("link", { name: "Figures" }).click();
    await page.getByRole("link", { name: "Two models" }).waitFor();
    await look("figures");
    await page.getByRole("button", { name: "Delete Two models" }).click();
    await page.getByRole("link", { name: "Two models" }).waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("link", { name: "Two models" }).click();
    await drawn();
    await figure.getByText("Mine").waitFor();

    // As narrow as a panel may be.
    await page.setViewportSize({ width: 480, height: 800 });
    await page.waitForTimeout(300);
    await look("plot-narrow");
    return troubles;
  } catch (error) {
    await page.screenshot({ path: new URL("shots/failed.png", import.meta.url).pathname });
    for (const trouble of troubles) console.log(`  ${trouble}`);
    throw error;
  } finally {
    await stage.close();
  }
}
