// Maps: earthquakes and a survey in UTM where they belong, picked by mouse and by keyboard, selected in one window and
// ringed in another, saved and opened again; a hundred thousand points; a browser without WebGL.
import { join } from "node:path";
import { open, shots, signIn, until } from "./stage.mjs";

export const title = "maps";

/** Stations in EPSG:32633 with what PROJ 9.5 says of their longitude and latitude. */
const survey = [
  [455041.33, 5411000, 14.38716038, 48.85033946],
  [456545.11, 5413100, 14.40743456, 48.86933684],
  [460581.31, 5418200, 14.46197882, 48.91548302],
];

const many = 100_000;

export async function journey() {
  const stage = await open();
  const { page, host, troubles, look, call, put } = stage;
  const project = `${host.address}projects/demo/`;
  const panel = (settings) => `${project}panel/MapView?settings=${encodeURIComponent(JSON.stringify(settings))}`;
  const drawn = (count, where = page) =>
    where.locator(`.map-canvas[data-drawn="${count}"]`).waitFor({ timeout: 60_000 });
  /** Runs in the page with MapLibre's map. */
  const onMap = async (what, given) => {
    const map = await page.evaluateHandle(() => document.querySelector(".map-canvas").engine.map);
    return map.evaluate(what, given);
  };
  const card = page.locator("[data-row]");

  try {
    await signIn(page, host.address);
    // -- Earthquakes, from their page --
    let quakes;
    await until(
      "the earthquakes are there",
      async () => {
        const { items } = await call("GET", "api/uploads?project=demo&limit=100");
        quakes = items.find(({ name }) => name === "earthquakes.geojson")?.id;
        return quakes !== undefined;
      },
      240_000,
    );
    await page.goto(`${project}data/${quakes}`);
    await page.getByRole("link", { name: "Show on map" }).click();
    await drawn(1);
    await until("the land is drawn", () => onMap((map) => map.queryRenderedFeatures({ layers: ["land"] }).length > 0));
    const { features } = await call("GET", `api/uploads/${quakes}/content`);
    /** A lonely row in view, and where it is on the screen. */
    const lonely = await onMap((map, list) => {
      const box = map.getCanvas().getBoundingClientRect();
      const at = list.map(({ geometry }) => map.project(geometry.coordinates.slice(0, 2)));
      const row = at.findIndex(
        ({ x, y }, own) =>
          x > 420 &&
          x < box.width - 330 &&
          y > 60 &&
          y < box.height - 60 &&
          at.every((other, index) => index === own || Math.hypot(other.x - x, other.y - y) > 25),
      );
      const found = map.queryRenderedFeatures(at[row], { layers: ["data:layer-0:circle"] }).map(({ id }) => id);
      return { row, found, x: box.x + at[row].x, y: box.y + at[row].y };
    }, features);
    if (lonely.row < 0 || !lonely.found.includes(lonely.row)) {
      throw new Error(`row ${lonely.row} is not drawn at its place: ${lonely.found}`);
    }
    await page.mouse.click(lonely.x, lonely.y);
    await page.locator(`[data-row="${lonely.row}"]`).waitFor();
    await card.getByText(features[lonely.row].properties.place).waitFor();
    await look("map-earthquakes");

    // -- By keyboard --
    await page.locator(".maplibregl-canvas").focus();
    await page.keyboard.press("n");
    await until("N goes on", async () => (await card.getAttribute("data-row")) !== String(lonely.row));
    await page.keyboard.press("p");
    await page.locator(`[data-row="${lonely.row}"]`).waitFor();
    const list = page.getByLabel(/^Points in view/);
    await list.focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    await until("the list picks", async () => (await card.getAttribute("data-row")) !== String(lonely.row));
    await page.locator(".maplibregl-canvas").focus();
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "hidden" });

    // -- A frame with Shift, and the same by numbers --
    const frame = await page.locator(".maplibregl-canvas").boundingBox();
    await page.keyboard.down("Shift");
    await page.mouse.move(frame.x + 60, frame.y + 150);
    await page.mouse.down();
    await page.mouse.move(frame.x + 300, frame.y + 420, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up("Shift");
    const framed = await onMap(
      (map, { list: all, box: [x0, y0, x1, y1] }) => {
        const [one, other] = [map.unproject([x0, y1]), map.unproject([x1, y0])];
        const inside = (lon) => [lon, lon - 360, lon + 360].some((turned) => turned >= one.lng && turned <= other.lng);
        return all.filter(
          ({
            geometry: {
              coordinates: [lon, lat],
            },
          }) => inside(lon) && lat >= one.lat && lat <= other.lat,
        ).length;
      },
      { list: features, box: [60, 150, 300, 420] },
    );
    await page.getByText(`${framed.toLocaleString("en-US")} rows of earthquakes.geojson selected`).waitFor();
    await until("they are ringed", () =>
      onMap((map) => map.queryRenderedFeatures({ layers: ["selected-ring"] }).length > 0),
    );
    await look("map-selection");
    await page.getByRole("button", { name: "Select", exact: true }).click();
    for (const [edge, value] of [
      ["West", -10],
      ["South", 30],
      ["East", 50],
      ["North", 60],
    ]) {
      await page.getByLabel(new RegExp(`^${edge}`)).fill(String(value));
    }
    await page.getByRole("button", { name: "Select rows" }).click();
    const europe = features.filter(
      ({
        geometry: {
          coordinates: [lon, lat],
        },
      }) => lon >= -10 && lon <= 50 && lat >= 30 && lat <= 60,
    ).length;
    await page.getByText(new RegExp(`^${europe} rows? of earthquakes.geojson selected`)).waitFor();

    // -- Styles with undo --
    await page.getByRole("button", { name: "Hide earthquakes.geojson" }).click();
    await until(
      "it is hidden",
      async () => (await onMap((map) => map.getLayoutProperty("data:layer-0:circle", "visibility"))) === "none",
    );
    await page.locator(".maplibregl-canvas").focus();
    await page.keyboard.press("Control+z");
    await until(
      "it is back",
      async () => (await onMap((map) => map.getLayoutProperty("data:layer-0:circle", "visibility"))) === "visible",
    );

    // -- Saved as a figure, opened again --
    await page.getByRole("button", { name: "Figure", exact: true }).click();
    await page.getByRole("menuitem", { name: "Save as…" }).click();
    await page.getByLabel("Name").fill("Quakes of a week");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/figures\/fig_/);
    await drawn(1);
    await page.goto(`${project}figures`);
    await page.getByRole("link", { name: "Quakes of a week" }).click();
    await drawn(1);
    await page.getByRole("button", { name: "Show as table" }).click();
    await page.getByText(/^earthquakes.geojson: points, 1707 rows/).waitFor();
    await look("map-table");

    // -- A survey whose system nobody says --
    const rows = survey.map(([east, north], row) => `${row + 1},${east},${north},${10 + 5 * row}`);
    const upload = await put(
      "survey.csv",
      "text/csv",
      `station,easting (m),northing (m),gravity (mGal)\n${rows.join("\n")}\n`,
    );
    await page.goto(panel({ show: upload }));
    await page.getByRole("button", { name: "Which coordinate system are its coordinates in?" }).waitFor();
    await look("map-asks");
    await page.getByLabel("Coordinate system", { exact: true }).selectOption("other");
    await page.getByLabel("EPSG code, UTM zone or proj4 text").fill("UTM 33X");
    await page.getByRole("button", { name: "Use" }).click();
    await page.getByText("is not known here").waitFor();
    await page.getByLabel("EPSG code, UTM zone or proj4 text").fill("32633");
    await page.getByRole("button", { name: "Use" }).click();
    await drawn(1);
    const places = await onMap((map) =>
      map
        .getSource("data:layer-0")
        .serialize()
        .data.features.map(({ id, geometry }) => [id, ...geometry.coordinates]),
    );
    for (const [row, lon, lat] of places) {
      const [, , east, north] = survey[row];
      if (Math.abs(lon - east) > 1e-5 || Math.abs(lat - north) > 1e-5)
        throw new Error(`station ${row + 1} is at ${lon}, ${lat}`);
    }
    if (places.length !== survey.length) throw new Error(`${places.length} stations are drawn`);
    await until("each is drawn where it must", () =>
      onMap(
        (map, list) =>
          list.every(
            ([, , lon, lat], row) =>
              map.queryRenderedFeatures(map.project([lon, lat]), { layers: ["data:layer-0:circle"] })[0]?.id === row,
          ),
        survey,
      ),
    );

    // -- Linked with another window --
    const other = await page.context().newPage();
    await other.goto(panel({ layers: [{ data: upload, kind: "points", name: "survey", crs: "EPSG:32633" }] }));
    await drawn(1, other);
    await page.getByLabel(/^Points in view/).selectOption("1");
    await other.locator('[data-row="1"]').getByText("15").first().waitFor();
    await other.getByRole("button", { name: "Next point" }).click();
    await page.locator('[data-row="2"]').getByText("EPSG:32633").waitFor();
    // A card never lies upon the point that it tells of.
    await until("the card makes room", async () => {
      const at = await onMap((map, [, , lon, lat]) => {
        const { x, y } = map.getCanvas().getBoundingClientRect();
        const point = map.project([lon, lat]);
        return { x: x + point.x, y: y + point.y };
      }, survey[2]);
      const { x, y, width, height } = await card.boundingBox();
      return at.x < x || at.x > x + width || at.y < y || at.y > y + height;
    });
    // A plot of the same data knows of the pick, whoever made it.
    await other.goto(`${project}panel/PlotView?settings=${encodeURIComponent(JSON.stringify({ data: upload }))}`);
    await other.locator("[data-drawn]").waitFor();
    await page.getByLabel(/^Points in view/).selectOption("0");
    await other.getByText("1 row picked").waitFor();
    await page.getByRole("button", { name: "Select", exact: true }).click();
    await page.getByRole("button", { name: "Select rows" }).click();
    await other.getByText(/^[23] rows picked/).waitFor();
    await other.getByRole("button", { name: "Pick no rows" }).click();
    await card.waitFor({ state: "hidden" });
    await page.getByLabel(/^Points in view/).selectOption("2");
    await other.close();
    await look("map-survey");

    // -- Grid and contours, as a picture --
    const axis = (from, step) => Array.from({ length: 60 }, (_, index) => from + index * step);
    const [x, y] = [axis(455_000, 100), axis(5_411_000, 120)];
    const values = y.map((_, r) => x.map((__, c) => Math.sin(c / 9) * Math.cos(r / 11) * 40 + r));
    const grid = await put(
      "field.json",
      "application/json",
      JSON.stringify({ crs: "EPSG:32633", x, y, values, name: "field", unit: "nT" }),
    );
    await page.goto(
      panel({
        layers: [
          { id: "g", data: grid, kind: "grid", name: "field" },
          { id: "c", data: grid, kind: "contours", name: "contours", value: null, scale: "greys" },
          { id: "s", data: upload, kind: "points", name: "survey", crs: "EPSG:32633", width: 6 },
        ],
      }),
    );
    await drawn(3);
    await until("contours are drawn", () =>
      onMap((map) => map.queryRenderedFeatures({ layers: ["data:c:line"] }).length > 3),
    );
    await look("map-grid");
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as PNG" }).click();
    await (await download).saveAs(join(shots, "map-export.png"));

    // -- A hundred thousand points --
    const text = ["lon,lat,depth (km)"];
    for (let row = 0; row < many; row += 1) {
      // Along a spiral, so that every place is another one.
      const turn = row / 150;
      text.push(`${(170 * Math.cos(turn) * row) / many},${(75 * Math.sin(turn) * row) / many},${row / 1000}`);
    }
    const large = await put("many.csv", "text/csv", text.join("\n"));
    const begin = Date.now();
    await page.goto(panel({ layers: [{ data: large, kind: "points", name: "many", width: 2 }] }));
    await drawn(1);
    const shown = Date.now() - begin;
    await page.evaluate(() => {
      window.frames_ = [];
      const note = (now) => {
        window.frames_.push(now);
        requestAnimationFrame(note);
      };
      requestAnimationFrame(note);
    });
    await page.mouse.move(500, 400);
    await page.mouse.down();
    for (let step = 1; step <= 60; step += 1) {
      await page.mouse.move(500 + 3 * step, 400 + step);
      await page.waitForTimeout(16);
    }
    await page.mouse.up();
    const times = await page.evaluate(() => window.frames_);
    const frames = times
      .slice(1)
      .map((time, index) => time - times[index])
      .sort((one, another) => one - another);
    const at = (part) => frames[Math.floor(part * (frames.length - 1))].toFixed(0);
    console.log(
      `  ${many.toLocaleString("en-US")} points: on the screen ${(shown / 1000).toFixed(1)} s after the address was opened; while it is dragged a frame takes ${at(0.5)} ms (median), ${at(0.95)} ms (95 %), software rendering`,
    );
    const picking = Date.now();
    await page.getByRole("button", { name: "Select", exact: true }).click();
    for (const [edge, value] of [
      ["West", -180],
      ["South", -90],
      ["East", 180],
      ["North", 90],
    ]) {
      await page.getByLabel(new RegExp(`^${edge}`)).fill(String(value));
    }
    await page.getByRole("button", { name: "Select rows" }).click();
    await page.getByText("100,000 rows of many selected").waitFor();
    console.log(`  all of them selected by the form in ${Date.now() - picking} ms`);

    // -- Without WebGL --
    const poor = await page.context().newPage();
    poor.on("pageerror", (error) => troubles.push(`without WebGL: ${error.message}`));
    await poor.addInitScript(() => {
      const real = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        return /webgl/.test(kind) ? null : real.call(this, kind, ...rest);
      };
    });
    await poor.goto(panel({ layers: [{ data: upload, kind: "points", name: "survey", crs: "EPSG:32633" }] }));
    await poor.getByText("offers no WebGL").waitFor();
    await until(
      "the still map has its points",
      async () => (await poor.locator("svg circle[data-row]").count()) === survey.length,
    );
    await poor.getByRole("cell", { name: "14.38716°" }).waitFor();
    await poor.getByRole("button", { name: "2", exact: true }).click();
    await poor.locator('section[data-row="1"]').waitFor();
    await look("map-without-webgl", poor);
    await poor.close();
    return troubles;
  } catch (error) {
    for (const trouble of troubles) console.log(`  ${trouble}`);
    await page.screenshot({ path: join(shots, "failed.png") });
    throw error;
  } finally {
    await stage.close();
  }
}
