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

    // By keys.
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
