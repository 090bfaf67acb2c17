// The canvas of a notebook: sections as frames, cells that are dragged while somebody looks on, edges, all by keys as well.
import { another, open, PASSWORD, signIn, until } from "./stage.mjs";

export const title = "notebook: canvas";

export async function journey() {
  const stage = await open();
  const { page, host, troubles, look, call } = stage;
  const cells = (on) => on.locator("[data-cell]");
  const toCanvas = async (on) => {
    await on.getByRole("button", { name: "Canvas" }).click();
    await on.locator(".nb-node").first().waitFor();
    await on.getByRole("button", { name: /fit view/i }).click();
    await on.locator(".nb-node").nth(5).waitFor();
    await on.waitForTimeout(300);
  };
  const place = (on, at) => on.locator(".nb-node").nth(at).boundingBox();
  try {
    await signIn(page, host.address);
    const { id } = await call("POST", "api/notebooks", { project: "demo", name: "plane.ipynb", title: "Plane" });
    await call("POST", "api/users", { name: "ada", password: PASSWORD });
    await call("PUT", "api/projects/demo/members/ada", { role: "developer" });
    await page.goto(`${host.address}projects/demo/notebooks/${id}`);
    await page.getByRole("button", { name: "Write the first cell" }).click();
    await page.locator(".cm-content").first().waitFor();
    const texts = [
      "import math",
      "# Load",
      "heights = [6.1, 4.7]",
      "## Clean",
      "heights.sort()",
      "# Draw",
      "print(heights)",
    ];
    for (const [at, text] of texts.entries()) {
      await page.keyboard.type(text);
      await page.keyboard.press("Escape");
      if (text.startsWith("#")) await page.keyboard.press("m");
      if (at === texts.length - 1) break;
      await page.keyboard.press("b");
      await page.keyboard.press("Enter");
      await page.locator("[data-mode=edit] .cm-content").waitFor();
    }
    await page.locator("[data-save=saved]").waitFor();

    await toCanvas(page);
    await until("three frames", async () => (await page.locator("[data-tissue]").count()) === 3);
    await page.waitForTimeout(400);
    await look("notebook-canvas");

    // One drags while the other looks on; the document changes when it is put down.
    const ada = await another(stage, "ada");
    await ada.goto(page.url());
    await toCanvas(ada);
    const before = await place(ada, 0);
    const bar = await page.locator(".nb-node-bar").first().boundingBox();
    await page.mouse.move(bar.x + 60, bar.y + 8);
    await page.mouse.down();
    for (let step = 1; step <= 8; step += 1) await page.mouse.move(bar.x + 60 - step * 10, bar.y + 8 + step * 30);
    await until("it is seen to move", async () => Math.abs((await place(ada, 0)).y - before.y) > 60);
    await ada.locator(".nb-pointer").first().waitFor();
    await look("notebook-canvas-drag", ada);
    await page.mouse.up();
    await page.locator("[data-save=saved]").waitFor();
    await page.mouse.move(5, 5);
    await ada.reload();
    await toCanvas(ada);
    await page.reload();
    await toCanvas(page);

    // An edge by mouse; it is gone by keys; a frame is folded.
    const from = page.locator(".react-flow__handle-right").nth(0);
    const to = page.locator(".react-flow__handle-left").nth(2);
    const [a, b] = [await from.boundingBox(), await to.boundingBox()];
    await page.mouse.move(a.x + a.width / 2, a.y + a.height / 2);
    await page.mouse.down();
    await page.mouse.move(b.x + 20, b.y + 30, { steps: 4 });
    await page.mouse.move(b.x + b.width / 2, b.y + b.height / 2, { steps: 3 });
    await page.mouse.up();
    await page.locator(".react-flow__edge").waitFor();
    await ada.locator(".react-flow__edge").waitFor();
    await look("notebook-canvas-edge");
    await page.locator(".react-flow__edge").focus();
    await page.keyboard.press("Delete");
    await until("the edge is gone for both", async () => (await ada.locator(".react-flow__edge").count()) === 0);
    await page.getByRole("button", { name: "Fold Load" }).click();
    await until("its cells are away", async () => (await page.locator(".nb-node").count()) < 6);

    // What is folded stays so for this person, and for nobody else.
    await page.reload();
    await page.getByRole("button", { name: /fit view/i }).click();
    await page.getByRole("button", { name: "Unfold Load" }).waitFor();
    await ada.getByRole("button", { name: "Fold Load" }).waitFor();
    await page.getByRole("button", { name: "Unfold Load" }).click();

    // A corner is dragged while the other looks on, and moved by keys; a size that was given can be taken back.
    const width = (on) =>
      on
        .locator(".react-flow__node-cell")
        .first()
        .evaluate((node) => node.offsetWidth);
    const corner = page.getByRole("button", { name: "Size of cell 1, by the arrow keys" });
    // The keys bring it into sight, as large as one writes in it.
    await cells(page).first().focus();
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await corner.waitFor();
    await page.waitForTimeout(300);
    const { x, y } = await corner.boundingBox();
    await page.mouse.move(x + 8, y + 8);
    await page.mouse.down();
    await page.mouse.move(x + 60, y + 70, { steps: 5 });
    const dragged = await width(page);
    if (dragged <= 640) troubles.push(`the corner was dragged, and the cell is ${dragged} px wide`);
    await until("the other sees it grow", async () => (await width(ada)) === dragged);
    await page.mouse.up();
    await corner.focus();
    await page.keyboard.press("ArrowRight");
    await until("it grows by a step", async () => (await width(ada)) === dragged + 20);
    await look("notebook-canvas-resized");
    await corner.dblclick();
    await until("it has its own size again", async () => (await width(ada)) === 640);

    // By keys: an edge to the next cell, and a text.
    await cells(page).first().focus();
    await page.keyboard.press("e");
    await page.getByText("What runs after cell 1?").waitFor();
    await page.keyboard.press("j");
    await page.locator("[data-mode=command]").getByRole("heading", { name: "Load" }).waitFor();
    await page.keyboard.press("Enter");
    await ada.getByLabel("Cell 2 runs after cell 1").waitFor();
    await cells(page).first().focus();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.locator("[data-mode=edit] .cm-content").waitFor();
    await page.keyboard.type("more ");
    await page.getByText("more").first().waitFor();

    // As a panel: one chooses a notebook, and it is there in the way it was looked at.
    await page.goto(`${host.address}projects/demo/panel/Notebook`);
    await page.getByRole("list", { name: "Notebooks" }).getByRole("button", { name: "Plane" }).click();
    await page.getByRole("toolbar", { name: "Notebook" }).waitFor();
    await page.getByRole("button", { name: "Canvas" }).click();
    await page.locator(".nb-node").first().waitFor();
    await page.reload();
    await page.locator(".nb-node").first().waitFor();
  } catch (error) {
    for (const trouble of troubles) console.log(`  ${trouble}`);
    throw error;
  } finally {
    await stage.close();
  }
  return troubles;
}
