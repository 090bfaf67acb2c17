// Data that means harm: pages, pictures, notes and tables with scripts in them, a picture of absurd dimensions, and half a
// gigabyte. Everything is shown, nothing runs, nothing is asked of anybody else.
import { createHash } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";
import { open, signIn, until } from "./stage.mjs";

export const title = "hostile and huge data";

const EVIL = "window.parent.harmed = window.harmed = true; fetch('https://evil.example/x')";
const HUGE = 500 * 1024 * 1024;

/** A PNG whose header says what it likes. */
function png(width, height) {
  const chunk = (kind, body) => {
    const data = Buffer.concat([Buffer.from(kind), body]);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(body.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(data));
    return Buffer.concat([head, data, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const magic = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([magic, chunk("IHDR", header), chunk("IDAT", deflateSync(Buffer.alloc(1024)))]);
}

const files = [
  {
    name: "page.html",
    type: "text/html",
    body: `<!doctype html><title>x</title><body onload="${EVIL}"><script>${EVIL}</script><p>Dear reader</p>`,
    shows: "Dear reader",
  },
  {
    name: "drawing.svg",
    type: "image/svg+xml",
    body: `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60" onload="${EVIL}"><script>${EVIL}</script><circle cx="30" cy="30" r="20"/><image href="https://evil.example/p.png"/></svg>`,
    shows: "circle",
    ways: ["Picture"],
  },
  {
    name: "notes.md",
    type: "text/markdown",
    body: `# Field notes\n\n<script>${EVIL}</script>\n<img src=x onerror="${EVIL}">\n\n[press me](javascript:${encodeURIComponent(EVIL)})\n\n![far](https://evil.example/far.png)\n\nWell 7 is dry.\n`,
    shows: "Well 7 is dry.",
    ways: ["Text"],
  },
  {
    name: "prices.csv",
    type: "text/csv",
    body: `name,value\n"=HYPERLINK(""https://evil.example"",""pay"")",1\n"@SUM(1+1)*cmd|' /C calc'!A0",2\n<img src=x onerror="${EVIL.replaceAll(",", "")}">,3\n`,
    shows: "=HYPERLINK",
    ways: ["Text"],
  },
  {
    name: "places.geojson",
    type: "application/geo+json",
    body: JSON.stringify({
      type: "FeatureCollection",
      features: [
        {
          type: "Feature",
          properties: { "<b onmouseover=alert(1)>name</b>": `<script>${EVIL}</script>`, __proto__: { harmed: true } },
          geometry: { type: "Point", coordinates: [14, 49] },
        },
      ],
    }),
    shows: "<script>",
    ways: ["Tree", "Text"],
  },
  {
    name: "lies.png",
    type: "image/png",
    body: `<html><script>${EVIL}</script></html>`,
    shows: "<script>",
  },
  {
    name: "bomb.png",
    type: "image/png",
    body: png(60_000, 60_000),
    shows: "Too large to be shown here",
    ways: ["Bytes"],
  },
  { name: "<img src=x onerror=alert(1)>.txt", type: "text/plain", body: "an odd name", shows: "an odd name" },
];

export async function journey() {
  const stage = await open();
  const { page, host, troubles, look, put, bearer } = stage;
  const preview = page.locator("main");
  page.on("dialog", async (dialog) => {
    troubles.push(`a dialog was opened: ${dialog.message()}`);
    await dialog.dismiss();
  });
  const unharmed = async (where) => {
    if (await page.evaluate(() => window.harmed === true || {}.harmed === true))
      throw new Error(`${where} ran a script`);
  };
  try {
    await signIn(page, host.address);
    const token = await bearer();
    for (const { name, type, body, shows, ways = [] } of files) {
      const id = await put(name, type, body);
      await page.goto(`${host.address}projects/demo/data/${id}`);
      await preview.getByText(shows).first().waitFor();
      await unharmed(name);
      for (const way of ways) {
        await preview.getByRole("button", { name: way, exact: true }).click();
        await page.waitForTimeout(400);
        await unharmed(`${name} as ${way}`);
      }
      if (name === "notes.md" || name === "drawing.svg") await look(`hostile-${name.split(".")[0]}`);
      // Opened by itself, it is a download or without any right: never a page of our origin.
      const alone = await fetch(`${host.address}api/uploads/${id}/content`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const policy = alone.headers.get("content-security-policy") ?? "";
      const attached = (alone.headers.get("content-disposition") ?? "").startsWith("attachment");
      if (!attached && !/sandbox/.test(policy)) throw new Error(`${name} opens as a page of our origin`);
      if (alone.headers.get("x-content-type-options") !== "nosniff") throw new Error(`${name} may be sniffed`);
      await alone.arrayBuffer();
      await page.goto(`${host.address}api/uploads/${id}/content`).catch(() => {});
      await page.waitForTimeout(200);
      await page.goto(host.address);
      await unharmed(`${name} opened by itself`);
    }

    // Half a gigabyte: the page shows its beginning at once and stays small.
    const line = "2026-03-01T00:00:00Z,1.234567,17.25,all is well here\n";
    const block = Buffer.from(line.repeat(Math.ceil((1 << 20) / line.length))).subarray(0, 1 << 20);
    const sum = createHash("sha256");
    async function* much() {
      yield Buffer.from("time,x (m),y (m),remark\n");
      for (let sent = 0; sent < HUGE; sent += block.length) {
        sum.update(block);
        yield block;
      }
    }
    const id = await put("half-a-gigabyte.csv", "text/csv", ReadableStream.from(much()));
    const begin = Date.now();
    await page.goto(`${host.address}projects/demo/data/${id}`);
    await preview.getByText("all is well here").first().waitFor();
    const shown = Date.now() - begin;
    await preview.getByRole("button", { name: "Bytes", exact: true }).click();
    await preview.getByText("00000000").first().waitFor();
    await look("huge");
    await until(
      "the page is small",
      async () => (await page.evaluate(() => performance.memory?.usedJSHeapSize ?? 0)) < 150e6,
    );
    const heap = await page.evaluate(() => performance.memory?.usedJSHeapSize ?? 0);
    console.log(`  500 MB: its preview after ${shown} ms, ${(heap / 1e6).toFixed(0)} MB of JavaScript heap`);
    // What was kept from running is told on the console; that is as it should be.
    return troubles.filter(
      (trouble) =>
        !/Blocked script|sandboxed and lacks|Refused to|violates the following Content Security/.test(trouble),
    );
  } catch (error) {
    for (const trouble of troubles) console.log(`  ${trouble}`);
    await page.screenshot({ path: new URL("shots/failed.png", import.meta.url).pathname });
    throw error;
  } finally {
    await stage.close();
  }
}
