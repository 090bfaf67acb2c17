// A notebook by several people at once: two type in one document, one goes away and comes back, one may only look.
import { another, open, signIn, until } from "./stage.mjs";

export const title = "notebook: writing together";

export async function journey() {
  // Without the demo's own notebook: the list begins empty.
  const stage = await open({ env: { CASTALIA_NO_DEMO_FLOW: "true" } });
  const { page, host, troubles, look, call } = stage;
  const dialog = page.getByRole("dialog");
  const cells = (on) => on.locator("[data-cell]");
  const text = (on, at) => cells(on).nth(at).locator(".cm-content");
  const saved = (on) => on.locator("[data-save=saved]").waitFor();
  /** What an editor holds, lines and all. */
  const written = (on, at) =>
    text(on, at).evaluate((element) => {
      const copy = element.cloneNode(true);
      for (const caret of copy.querySelectorAll(".nb-caret")) caret.remove();
      return [...copy.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n");
    });
  try {
    await signIn(page, host.address);

    // There by keys; nothing yet; a first notebook.
    await page.keyboard.press("g");
    await page.keyboard.press("n");
    await page.getByRole("heading", { level: 1, name: "Notebooks" }).waitFor();
    await page.getByRole("heading", { name: "No notebooks yet" }).waitFor();
    await look("notebooks-empty");
    await page.keyboard.press("n");
    await dialog.getByLabel("Title").fill("Tides and moons");
    await dialog.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { level: 1, name: /Tides and moons/ }).waitFor();
    await page.getByRole("toolbar", { name: "Notebook" }).waitFor();
    await saved(page);
    const id = new URL(page.url()).pathname.split("/").at(-1);

    // The first cell, by keyboard alone.
    if ((await cells(page).count()) === 0) {
      await page.getByRole("heading", { name: "No cells yet" }).waitFor();
      await look("notebook-empty");
      await page.getByRole("button", { name: "Write the first cell" }).click();
    } else {
      await cells(page).first().focus();
      await page.keyboard.press("Enter");
    }
    await page.locator(".cm-content").first().waitFor();
    await page.keyboard.type("height = 2.5\n");
    await page.keyboard.type("print(height)");
    await page.keyboard.press("Escape");
    await page.keyboard.press("b");
    await page.keyboard.press("m");
    await page.keyboard.press("Enter");
    await page.keyboard.type("# Tides\n\nThe *moon* pulls: $F = G\\frac{m_1 m_2}{r^2}$\n");
    await page.keyboard.press("Control+Enter");
    await page.locator(".nb-markdown em", { hasText: "moon" }).waitFor();
    await page.locator(".nb-markdown math").waitFor();
    await saved(page);

    // Somebody else in another browser: both write, both see both.
    for (const name of ["ada", "vic"]) await call("POST", "api/users", { name, password: "a good long one" });
    await call("PUT", "api/projects/demo/members/ada", { role: "developer" });
    await call("PUT", "api/projects/demo/members/vic", { role: "viewer" });
    const ada = await another(stage, "ada");
    await ada.goto(page.url());
    await until("Ada sees both cells", async () => (await cells(ada).count()) === 2);
    await text(ada, 0).click();
    await ada.keyboard.press("Control+End");
    await cells(page).nth(0).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Control+Home");
    await Promise.all([
      ada.keyboard.type("\nprint('from ada')", { delay: 15 }),
      page.keyboard.type("# by demo\n", { delay: 15 }),
    ]);
    const both = "# by demo\nheight = 2.5\nprint(height)\nprint('from ada')";
    for (const on of [page, ada])
      await until("both have both texts", async () => (await written(on, 0)).includes(both)).catch(async (error) => {
        throw new Error(`${error.message}: ${JSON.stringify([await written(page, 0), await written(ada, 0)])}`);
      });
    await page.locator(".nb-caret-name").first().waitFor();
    await look("notebook-together");

    // One loses the network, goes on writing, and comes back.
    await ada.context().setOffline(true);
    await ada.locator("[data-save=offline]").waitFor();
    await ada.keyboard.type("\n# offline", { delay: 5 });
    await look("notebook-offline", ada);
    await page.keyboard.type("# meanwhile\n", { delay: 5 });
    await ada.context().setOffline(false);
    await saved(ada);
    for (const on of [page, ada]) {
      await until("what was written apart is together", async () => {
        const now = await written(on, 0);
        return now.includes("# meanwhile") && now.split("# offline").length === 2;
      });
    }

    // A cell goes and comes back; it moves; another kind.
    await page.keyboard.press("Escape");
    await page.keyboard.press("d");
    await page.keyboard.press("d");
    await until("it is gone for both", async () => (await cells(ada).count()) === 1);
    await page.keyboard.press("z");
    await until("it is back for both", async () => (await written(ada, 0)).includes("from ada"));

    // A version is kept; what changed since is told, and taken back.
    await page.getByRole("button", { name: "Versions" }).first().click();
    await page.getByRole("button", { name: "Keep this version…" }).click();
    await dialog.getByLabel("Name").fill("Before the storm");
    await dialog.getByRole("button", { name: "Keep" }).click();
    await page.getByText("Its texts are those of now").waitFor();
    await text(page, 0).click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("storm = True\n");
    await saved(page);
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Versions" }).first().click();
    await page.getByText("+ storm = True").waitFor();
    await look("notebook-versions");
    await page.getByRole("button", { name: "Go back to this version…" }).click();
    await dialog.getByRole("button", { name: "Go back" }).click();
    await until("it is as it was, for both", async () => !(await written(ada, 0)).includes("storm"));
    await page.getByRole("button", { name: "Close" }).click();

    // A comment at a cell, an answer, and done.
    await cells(page).first().focus();
    await page.getByRole("button", { name: "Comments" }).first().click();
    await page.getByLabel("Comment on cell 1").fill("Is this the height at Brest?");
    await page.getByRole("button", { name: "Write" }).click();
    await ada.getByRole("button", { name: "1 open thread at cell 1" }).click();
    await ada.getByText("Is this the height at Brest?").waitFor();
    await ada.getByRole("button", { name: "Answer" }).click();
    await ada.getByLabel("Answer").pressSequentially("Yes, @de");
    await ada.getByRole("listbox", { name: "Members" }).getByRole("option", { name: /@demo/ }).waitFor();
    await look("notebook-mention", ada);
    await ada.keyboard.press("Enter");
    await ada.keyboard.type("at spring tide.");
    await ada.getByRole("listitem").getByRole("button", { name: "Write" }).click();
    await ada.getByText("Yes, @demo at spring tide.").waitFor();
    await look("notebook-comments", ada);
    await ada.getByRole("button", { name: "Resolve" }).click();
    await ada.getByRole("heading", { name: "No open comments" }).waitFor();
    await ada.getByRole("button", { name: /open thread/ }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Close" }).click();

    // Who may look sees it all, and is told why nothing can be written.
    const vic = await another(stage, "vic");
    await vic.goto(page.url());
    await vic.getByText("your role in the project is to look").waitFor();
    await until("the viewer sees the text", async () => (await written(vic, 0)).includes("from ada"));
    await text(vic, 0).click();
    await vic.keyboard.type("hostile");
    await vic.keyboard.press("Escape");
    await vic.keyboard.press("a");
    if ((await written(page, 0)).includes("hostile")) troubles.push("a viewer could write");
    if ((await cells(vic).count()) !== 2) troubles.push("a viewer could add a cell");
    await look("notebook-viewer", vic);

    // It is in the list, and can be deleted.
    await page.goto(`${host.address}projects/demo/notebooks`);
    await page.getByRole("link", { name: "Tides and moons" }).waitFor();
    await look("notebooks");
    await page.getByRole("button", { name: "More of Tides and moons" }).click();
    await page.getByRole("menuitem", { name: "Delete…" }).click();
    await dialog.getByRole("checkbox").check();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("heading", { name: "No notebooks yet" }).waitFor();
    await ada.getByText("This notebook has been deleted").waitFor();
    void id;
  } finally {
    await stage.close();
  }
  return troubles;
}
