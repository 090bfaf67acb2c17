// Data: finding, looking, bringing and deleting it. An upload survives a lost network, a server that restarts and a page
// that is reloaded.
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open, signIn, until } from "./stage.mjs";

export const title = "finding, looking at, bringing and deleting data";

const MEGABYTE = 1 << 20;

export async function journey() {
  const stage = await open();
  const folder = mkdtempSync(join(tmpdir(), "castalia-e2e-files-"));
  const { page, host, server, troubles, look } = stage;
  const row = (name) => page.getByRole("link", { name, exact: true });
  const files = page.getByRole("region", { name: "Files" });
  const preview = page.getByRole("region", { name: "Preview" });
  const transfer = (name) => page.locator("li[data-phase]", { hasText: name });
  const show = (way) => preview.getByRole("button", { name: way, exact: true }).click();
  const give = (...given) => page.getByLabel("Files to upload").setInputFiles(given);
  const small = (name, text = "x") => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
  const fail = (why) => {
    throw new Error(why);
  };

  try {
    await signIn(page, host.address);
    await page.getByRole("link", { name: "Data", exact: true }).click();
    await row("mauna-loa-co2.csv").waitFor({ timeout: 240_000 });
    // The finished flow of the demo project.
    await row("density.npy").waitFor({ timeout: 240_000 });

    await finding();
    await looking();
    await keyboard();
    await bringing();
    await odd();
    await interrupted();
    await deleting();
    return troubles;
  } catch (error) {
    for (const trouble of troubles) console.log(`  ${trouble}`);
    await page.screenshot({ path: new URL("shots/failed.png", import.meta.url).pathname });
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await stage.close();
  }

  async function finding() {
    await page.getByLabel("Search by name").fill("MAUNA");
    await until("only what fits is listed", async () => (await files.locator("tbody a").count()) === 1);
    await until("the search is in the address", async () => page.url().includes("name=MAUNA"));
    await page.getByLabel("Search by name").fill("nothing of this name");
    await page.getByRole("button", { name: "Show everything again" }).click();
    await page.getByLabel("Type", { exact: true }).selectOption("Arrays");
    await row("density.npy").waitFor();
    await until("only arrays are listed", async () => (await files.locator("tbody a").count()) === 1);
    await page.getByLabel("Type", { exact: true }).selectOption("");
    await page.getByLabel("Order").selectOption("Largest");
    await until("the largest is first", async () =>
      /earthquakes/.test(await files.locator("tbody a").first().textContent()),
    );
    await page.reload();
    await row("density.npy").waitFor();
    if ((await page.getByLabel("Order").inputValue()) !== "-size") fail("the order is lost with a reload");
    await page.getByLabel("Order").selectOption("A to Z");
  }

  async function looking() {
    await row("mauna-loa-co2.csv").click();
    await preview.getByRole("columnheader", { name: "co2 (ppm)", exact: true }).waitFor();
    await preview.getByLabel(/^Statistics/).check();
    await preview.getByText("416.18").waitFor();
    await look("data-table");
    const table = preview.getByRole("region", { name: /^Table/ });
    await table.evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await preview.getByRole("cell", { name: "741", exact: true }).waitFor();

    await row("density.npy").click();
    await preview.getByText("126 × 151").first().waitFor();
    await preview.getByRole("img", { name: /in colours/ }).waitFor();
    await look("data-array");

    await row("earthquakes.geojson").click();
    await preview.getByText(/1,707 features/).waitFor();
    await look("data-features");
    await show("Tree");
    await preview.getByLabel("Search names and values").fill("Castaic");
    await page.keyboard.press("Enter");
    await preview.getByRole("treeitem", { name: /4km W of Castaic/ }).waitFor();
    await look("data-tree");
    await show("Bytes");
    await preview.getByText(/^00000000 {2}7b 22/).waitFor();
    await preview.getByLabel(/^Offset/).fill("0x20000");
    await page.keyboard.press("Enter");
    await preview.getByText(/^00020000/).waitFor();
    await look("data-bytes");
    await show("Text");
    await preview
      .getByText(/FeatureCollection/)
      .first()
      .waitFor();
    await look("data-text");

    await row("report").first().click();
    await preview.getByRole("table").first().waitFor();
    await look("data-page");
    await row("picture").click();
    await preview.locator("img").waitFor();
    await until("the picture is decoded", () => preview.locator("img").evaluate((img) => img.naturalWidth > 0));
    await look("data-picture");

    await preview.getByRole("button", { name: "Copy how to read it elsewhere" }).click();
    await page.getByRole("menuitem", { name: /Command line/ }).waitFor();
    await look("data-copy");
    await page.keyboard.press("Escape");
    await page.setViewportSize({ width: 600, height: 900 });
    await look("data-narrow");
    await page.setViewportSize({ width: 1280, height: 860 });
    await preview.getByRole("button", { name: "Close the preview" }).click();
    await preview.waitFor({ state: "hidden" });
  }

  async function keyboard() {
    await files.locator("tbody a").first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    const name = await files.locator("tbody a").nth(2).textContent();
    await until("the arrows lead there", () =>
      page.evaluate((name) => document.activeElement.textContent === name, name),
    );
    await page.keyboard.press("Space");
    await page.getByText("1 file ticked").waitFor();
    await page.keyboard.press("Enter");
    await preview.getByRole("heading", { name, exact: true }).waitFor();
    await page.getByRole("button", { name: "Untick" }).click();
    await preview.getByRole("button", { name: "Close the preview" }).click();
  }

  async function bringing() {
    await give(small("notes.txt", "one\ntwo\n"), small("empty.bin", ""), small("größe ⛰.txt", "ok"));
    await row("notes.txt").waitFor();
    await row("empty.bin").waitFor();
    await row("größe ⛰.txt").waitFor();
    await row("empty.bin").click();
    await preview.getByText(/0 B/).first().waitFor();

    await give(small("notes.txt", "three"), small("empty.bin", "no longer"));
    await page.getByText("2 names are taken.").waitFor();
    await look("data-conflict");
    await page.getByRole("button", { name: "Keep both: notes.txt" }).click();
    await row("notes (2).txt").waitFor();
    await page.getByRole("button", { name: "Skip: empty.bin" }).click();
    await until("nothing is on its way", async () => (await page.locator("li[data-phase]").count()) === 0);
    await row("notes.txt").click();
    await preview.getByText("two").waitFor();
    await give(small("notes.txt", "four"));
    await page.getByRole("button", { name: "Replace it: notes.txt" }).click();
    // What is shown follows to the new one.
    await preview.getByText("four").waitFor();

    // A drop of several files, anywhere in the list.
    const dropped = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["dropped"], "dropped.txt"));
      return transfer;
    });
    const target = files.locator("table");
    await target.dispatchEvent("dragenter", { dataTransfer: dropped });
    await page.getByText("Drop to upload to Demo").waitFor();
    await target.dispatchEvent("drop", { dataTransfer: dropped });
    await row("dropped.txt").waitFor();

    // A folder with all that is in it.
    const survey = join(folder, "survey");
    mkdirSync(join(survey, "day 1"), { recursive: true });
    writeFileSync(join(survey, "readme.md"), "# Survey\n");
    writeFileSync(join(survey, "day 1", "a.csv"), "x,y\n1,2\n");
    await page.getByLabel("Folder to upload").setInputFiles(survey);
    await row("survey/day 1/a.csv").waitFor();
    await row("survey/readme.md").waitFor();
  }

  async function odd() {
    const long = `${"long".repeat(70)}.txt`;
    await give(small(long));
    await transfer("longlong")
      .getByText(/255 bytes/)
      .waitFor();
    await look("data-odd-name");
    await page.getByLabel(/^Another name/).fill("short.txt");
    await page.getByRole("button", { name: "Upload by this name" }).click();
    await row("short.txt").waitFor();
    await give(small("back\\slash.txt"));
    await transfer("back").getByRole("alert").waitFor();
    await page.getByRole("button", { name: /^Cancel back/ }).click();
  }

  async function interrupted() {
    const path = join(folder, "large.bin");
    const content = Buffer.alloc(80 * MEGABYTE);
    for (let at = 0; at < content.length; at += 4) content.writeUInt32LE((at * 2654435761) >>> 0, at);
    writeFileSync(path, content);
    const other = join(folder, "other", "large.bin");
    mkdirSync(join(folder, "other"));
    writeFileSync(other, content.fill(7, 0, 100));
    content.fill(0, 0, 100);
    writeFileSync(path, content);
    // The same time, so that only the content tells them apart.
    for (const one of [path, other]) utimesSync(one, 1_700_000_000, 1_700_000_000);

    const devtools = await page.context().newCDPSession(page);
    const line = (megabytes) =>
      devtools.send("Network.emulateNetworkConditions", {
        offline: megabytes === 0,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: megabytes === undefined ? -1 : megabytes * MEGABYTE,
      });
    const percent = async () => Number(await transfer("large.bin").locator("progress").getAttribute("value"));
    const phase = () => transfer("large.bin").getAttribute("data-phase");
    await devtools.send("Network.enable");
    await line(8);
    await give(path);
    await until("a part is sent", async () => (await percent()) > 10);
    await look("data-sending");

    await line(0);
    await until("it waits for the network", async () => (await phase()) === "retrying");
    await look("data-retrying");
    await line(4);
    await until("it goes on", async () => (await phase()) === "sending");

    await page.getByRole("button", { name: "Pause large.bin" }).click();
    await until("it rests", async () => (await phase()) === "paused");
    await page.getByRole("button", { name: "Go on with large.bin" }).click();
    await until("it goes on again", async () => (await percent()) > 25);

    await server.stop();
    await until("it waits for the server", async () => (await phase()) === "retrying", 30_000);
    await server.start();
    await until("it goes on with the new server", async () => (await phase()) === "sending", 30_000);

    // Leaving warns; leaving all the same keeps what has come.
    page.once("dialog", (dialog) => dialog.accept());
    await page.reload();
    await page.getByText(/Unfinished: .* are there/).waitFor({ timeout: 30_000 });
    await look("data-unfinished");
    await page.getByLabel("The file large.bin again").setInputFiles(other);
    await page.getByText("This is not the same file: its content is another one.").waitFor();
    const stands = await page.getByText(/Unfinished: /).textContent();
    if (/: 0 B/.test(stands)) fail("nothing was kept over the reload");
    await line(undefined);
    await page.getByLabel("The file large.bin again").setInputFiles(path);
    await row("large.bin").waitFor({ timeout: 60_000 });
    await row("large.bin").click();
    const digest = createHash("sha256").update(content).digest("hex");
    await preview.getByRole("button", { name: `Copy the digest: ${digest}` }).waitFor();
    await devtools.detach();
  }

  async function deleting() {
    await row("short.txt").click();
    await preview.getByRole("button", { name: "Delete" }).click();
    await row("short.txt").waitFor({ state: "hidden" });
    await page.getByText("short.txt deleted").waitFor();
    await look("data-deleted");
    await page.getByRole("button", { name: "Undo", exact: true }).click();
    await row("short.txt").waitFor();

    for (const name of ["short.txt", "dropped.txt"]) await page.getByLabel(`Tick ${name}`).check();
    await page.getByRole("region", { name: "Files" }).getByRole("button", { name: "Delete" }).click();
    await row("dropped.txt").waitFor({ state: "hidden" });
    // Leaving at once deletes at once.
    await page.reload();
    await row("large.bin").waitFor();
    await until("they are gone for good", async () => (await row("short.txt").count()) === 0);
    if ((await row("dropped.txt").count()) > 0) fail("a deletion was forgotten when the page was left");
  }
}
