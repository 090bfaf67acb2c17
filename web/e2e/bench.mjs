// The workbench: arranged by mouse and by keyboard, found again exactly, kept under names, in windows of its own, in
// two tabs at once, and when what was saved can't be read.
import { open, signIn, until } from "./stage.mjs";

export const title = "the workbench";

export async function journey() {
  const stage = await open();
  const { page, host, server, troubles, look, call } = stage;
  const bench = `${host.address}projects/demo/bench`;

  /** The tabs of each place, as they are on screen. */
  const sets = (seen = page) =>
    seen
      .locator(".flexlayout__tabset")
      .evaluateAll((sets) =>
        sets
          .filter((set) => set.getClientRects().length > 0)
          .map((set) => [...set.querySelectorAll("[role=tab]")].map((tab) => tab.getAttribute("aria-label")).join(",")),
      );
  /** Places and sizes of everything. */
  const geometry = () =>
    page
      .locator(".flexlayout__tabset")
      .evaluateAll((sets) =>
        sets.map((set) =>
          JSON.stringify(set.getBoundingClientRect(), (_, v) => (typeof v === "number" ? Math.round(v) : v)),
        ),
      );
  const saved = (seen = page) => seen.locator("[data-phase=saved]").waitFor();
  const tab = (name, seen = page) => seen.getByRole("tab", { name, exact: true });
  const expect = (what, is, wanted) => {
    if (JSON.stringify(is) !== JSON.stringify(wanted)) {
      throw new Error(`${what}: ${JSON.stringify(is)} instead of ${JSON.stringify(wanted)}`);
    }
  };
  /** As a hand does it: down, along, and a moment before letting go. */
  const drag = async (what, x, y) => {
    const from = await what.boundingBox();
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(x, y, { steps: 12 });
    await page.waitForTimeout(400);
    await page.mouse.move(x + 2, y + 2);
    await page.mouse.up();
  };
  const menuItem = async (of, ...names) => {
    await page.getByRole("button", { name: of }).click();
    for (const name of names) await page.getByRole("menuitem", { name }).click();
  };
  const layouts = "api/projects/demo/layouts/";
  const stored = (name) => call("GET", layouts + name);
  const put = (name, layout, revision) => call("PUT", layouts + name, { layout, revision });

  try {
    await signIn(page, host.address);
    await page.getByRole("link", { name: "Workbench" }).click();
    await tab("Log").waitFor();
    await look("workbench");
    const first = await sets();

    // A layout of our own, so that the journey does not depend on the default.
    const panel = (id, widget, name) => ({ id, widget, name });
    const tabs = (id, ...children) => ({ id, widget: "TabSet", children });
    const root = {
      id: "h",
      widget: "HorizontalSplit",
      children: [
        tabs("left", panel("a", "ProcessLog", "One"), panel("b", "ProcessLog", "Two")),
        tabs("right", panel("c", "DatasetBrowser", "Three")),
      ],
    };
    await put("Survey", { v: 1, root, windows: [] }, 0);
    await page.goto(`${bench}?layout=Survey`);
    await tab("Three").waitFor();
    expect("the layout of the address", await sets(), ["One,Two", "Three"]);

    // By mouse: a tab into the other place, then to its lower edge.
    const strip = await tab("Three").boundingBox();
    await drag(tab("Two"), strip.x + strip.width + 40, strip.y + strip.height / 2);
    await until("the tab has moved", async () => (await sets()).join(" ") === "One Three,Two");
    const place = await page.locator(".flexlayout__tabset").nth(1).boundingBox();
    await drag(tab("Two"), place.x + place.width / 2, place.y + place.height - 60);
    await until("the place was split", async () => (await sets()).join(" ") === "One Three Two");
    await saved();
    expect("the split is saved", (await stored("Survey")).layout.root.children[1].widget, "VerticalSplit");

    // By keyboard: back the same way.
    await tab("Two").focus();
    await page.keyboard.press("w");
    await page.keyboard.press("p");
    await until("moved by keys", async () => (await sets()).join(" ") === "One Three,Two");
    expect("the focus went along", await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Two");
    for (const key of ["w", "v"]) await page.keyboard.press(key);
    await until("split by keys", async () => (await sets()).join(" ") === "One Three Two");
    const before = await geometry();
    for (const key of ["w", "ArrowRight"]) await page.keyboard.press(key);
    await until("grown by keys", async () => (await geometry()).join() !== before.join());
    await page.keyboard.press("Control+z");
    await until("the size is undone", async () => (await geometry()).join() === before.join());
    await page.keyboard.press("Control+Shift+z");
    await page.locator(".flexlayout__splitter").first().focus();
    for (let step = 0; step < 5; step += 1) await page.keyboard.press("ArrowRight");

    // The menu of a panel: rename, close, undo by the notice.
    await menuItem("Menu of Two", /^Rename/);
    await page.getByLabel("Rename Tab").or(page.locator(".flexlayout__tab_button_textbox")).fill("Second");
    await page.keyboard.press("Enter");
    await tab("Second").waitFor();
    await menuItem("Menu of Second", /^Close the panel/);
    await page.getByText("Second was closed.").waitFor();
    await page.getByRole("button", { name: "Undo", exact: true }).last().click();
    await tab("Second").waitFor();
    await menuItem("Menu of One", /^Split down/);
    await page.getByText("What should be shown here?").waitFor();
    await look("workbench-empty-place");
    await page.getByRole("button", { name: "Log", exact: true }).click();

    // A reload restores it exactly.
    await saved();
    const [arranged, sizes] = [await sets(), await geometry()];
    await page.reload();
    await tab("Second").waitFor();
    expect("restored places", await sets(), arranged);
    expect("restored sizes", await geometry(), sizes);

    // Named layouts.
    const layouts = page.getByRole("button", { name: /^Layout / });
    await layouts.click();
    await page.getByRole("menuitem", { name: "Save as…" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Inversion");
    await look("layout-save-as");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: "Layout Inversion; choose another" }).waitFor();
    expect("the copy looks the same", await sets(), arranged);
    await menuItem("Menu of Three", /^Close the panel/);
    await until("closed", async () => !(await sets()).join().includes("Three"));
    await saved();
    await layouts.click();
    await look("layout-menu");
    await page.getByRole("menuitemcheckbox", { name: "Survey" }).click();
    await tab("Three").waitFor();
    await layouts.click();
    await page.getByRole("menuitemcheckbox", { name: "Inversion" }).click();
    await tab("Three").waitFor({ state: "detached" });
    await layouts.click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByText("The layout Inversion was deleted.").waitFor();
    await page.getByRole("button", { name: "Undo", exact: true }).last().click();
    await page.getByRole("button", { name: "Layout Inversion; choose another" }).waitFor();

    // Reset, and back.
    await layouts.click();
    await page.getByRole("menuitem", { name: /^Reset/ }).click();
    await until("reset", async () => (await sets()).join(" ") === first.join(" "));
    await page.keyboard.press("Control+z");
    await tab("Second").waitFor();
    await saved();

    // Two tabs on one layout: the one without changes follows silently.
    const other = await page.context().newPage();
    await other.goto(`${bench}?layout=Inversion`);
    await tab("Second", other).waitFor();
    await tab("Second").focus();
    for (const key of ["w", "x"]) await page.keyboard.press(key);
    await until("the other tab follows", async () => !(await sets(other)).join().includes("Second"));
    expect("no question", await other.getByRole("alert").count(), 0);
    // Both change it: neither is thrown away. The other tab hears nothing of it before it saves.
    await other.route("**/api/projects/demo/layouts/*", (route) => route.abort());
    await tab("One", other).focus();
    for (const key of ["w", "v"]) await other.keyboard.press(key);
    await other.locator("[data-phase=away]").waitFor();
    await tab("One").focus();
    for (const key of ["w", "s"]) await page.keyboard.press(key);
    await saved();
    await other.unroute("**/api/projects/demo/layouts/*");
    await other.getByRole("button", { name: "Load theirs" }).waitFor();
    await look("workbench-conflict", other);
    const mine = await sets(other);
    await other.getByRole("button", { name: "Keep mine as a copy" }).click();
    await other.getByRole("button", { name: "Layout Inversion (copy); choose another" }).waitFor();
    expect("the copy is mine", await sets(other), mine);
    await other.close();

    // A window of its own, which follows what is selected.
    await page.goto(`${bench}?layout=Survey`);
    await tab("One").waitFor();
    const [popup] = await Promise.all([page.waitForEvent("popup"), menuItem("Menu of One", /^Open in a window/)]);
    await popup.getByRole("heading", { level: 1 }).waitFor();
    await tab("One").waitFor({ state: "detached" });
    await look("panel-window", popup);
    await page.getByRole("button", { name: "1 window" }).waitFor();
    // The demo runs its finished flow as soon as its environment is made.
    let made;
    const finished = async () => {
      const answer = await page.request.get(`${host.address}api/processes?project=demo&state=completed`);
      made = (await answer.json()).items[0];
      return made !== undefined;
    };
    await until("the demo has a finished process", finished, 240_000);
    // Not by a reload: the selection goes from window to window.
    await page.evaluate((id) => {
      const url = new URL(location.href);
      url.searchParams.set("process", id);
      history.pushState(history.state, "", url);
      dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
    }, made.id);
    await popup.getByText(made.name, { exact: false }).first().waitFor();
    await saved();
    await popup.close();
    await page.getByRole("button", { name: /1 window\s*: open/ }).waitFor();
    await page.reload();
    const windows = page.getByRole("button", { name: /1 window/ });
    await windows.click();
    const [again] = await Promise.all([
      page.waitForEvent("popup"),
      page.getByRole("menuitem", { name: "Open the window" }).click(),
    ]);
    await again.getByText(made.name, { exact: false }).first().waitFor();
    const closed = again.waitForEvent("close");
    await again.getByRole("button", { name: "Back into the workbench" }).click();
    await closed;
    await tab("One").waitFor();
    await windows.waitFor({ state: "detached" });
    await saved();

    // The server goes away: one works on, and nothing is lost.
    await server.stop();
    await tab("One").focus();
    for (const key of ["w", "x"]) await page.keyboard.press(key);
    await page.locator("[data-phase=away]").waitFor();
    await server.start();
    await saved();
    expect("saved after the fault", JSON.stringify((await stored("Survey")).layout).includes('"One"'), false);

    // What can't be read is said, kept, and can be reset.
    await put("Odd", { v: 7, root: "nonsense" }, 0);
    await page.goto(`${bench}?layout=Odd`);
    await page.getByText(/The layout Odd could not be restored/).waitFor();
    await until("the default is shown", async () => (await sets()).join("|") === first.join("|"));
    await look("workbench-not-restored");
    expect("and nothing is saved over it", (await stored("Odd")).layout.v, 7);
    await page.getByRole("button", { name: "Reset", exact: true }).click();
    await until("the default is saved", async () => (await stored("Odd")).layout.v === 1);
    return troubles;
  } catch (error) {
    await page.screenshot({ path: new URL("shots/failed.png", import.meta.url).pathname });
    for (const trouble of troubles) console.log(`  ${trouble}`);
    throw error;
  } finally {
    await stage.close();
  }
}
