// A notebook that is changed in two places: in the file and in the room at once, and in a browser while the server is
// gone. Everybody sees both sides and one choice holds for all; what was typed without a server survives the page.
import { another, open, PASSWORD, signIn, until } from "./stage.mjs";

export const title = "notebook: the file says otherwise, and typing without a server";

const content = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {},
  cells: ["height = 1", "width = 1"].map((source, at) => ({
    id: `c-${at}`,
    cell_type: "code",
    metadata: {},
    source,
    execution_count: null,
    outputs: [],
  })),
};

export async function journey() {
  const stage = await open({ env: { CASTALIA_NO_DEMO_FLOW: "true" } });
  const { page, host, server, troubles, look, call } = stage;
  const source = (at, on = page) => on.locator(`[data-cell=c-${at}] .cm-content`);
  /** Without the carets of others. */
  const written = (at, on = page) =>
    source(at, on).evaluate((element) => {
      const copy = element.cloneNode(true);
      for (const caret of copy.querySelectorAll(".nb-caret")) caret.remove();
      return copy.textContent;
    });
  const saved = () => page.locator("[data-save=saved]").waitFor({ timeout: 60_000 });
  const write = async (at, text) => {
    await source(at).click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type(text);
  };
  /** Edits of notebooks that this browser keeps. */
  const kept = () =>
    page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const opening = indexedDB.open("castalia.notebooks", 1);
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const counting = opening.result.transaction("edits").objectStore("edits").count();
            counting.onsuccess = () => {
              opening.result.close();
              resolve(counting.result);
            };
          };
        }),
    );
  try {
    await signIn(page, host.address);
    const { id } = await call("POST", "api/notebooks", { project: "demo", name: "two.ipynb", title: "Two", content });
    await call("POST", "api/users", { name: "ada", password: PASSWORD });
    await call("PUT", "api/projects/demo/members/ada", { role: "developer" });
    const ada = await another(stage, "ada");
    const url = `${host.address}projects/demo/notebooks/${id}`;
    await Promise.all([page, ada].map((one) => one.goto(url)));
    for (const one of [page, ada]) await source(0, one).waitFor();

    // Between an edit and the next writing of the file somebody changes the file. Should the file have been written
    // sooner than that, there is nothing to choose between, and it is tried again.
    let turn = 0;
    await until(
      "the file and the room differ",
      async () => {
        turn += 1;
        await write(0, `  # here ${turn}`);
        await saved();
        const file = structuredClone(content);
        file.cells[0].source = `height = 2  # in the file ${turn}`;
        await call("PUT", `api/notebooks/${id}/file?format=ipynb`, file);
        return (await call("GET", `api/notebooks/${id}/conflicts`)).items.length > 0;
      },
      60_000,
    );
    for (const one of [page, ada]) {
      const banner = one.getByRole("alert").filter({ hasText: "was changed here and in the file" });
      await banner.locator("pre", { hasText: `# here ${turn}` }).waitFor();
      await banner.locator("pre", { hasText: `# in the file ${turn}` }).waitFor();
    }
    await look("notebook-conflict");
    await ada.getByRole("button", { name: "Keep this one" }).nth(1).click();
    for (const one of [page, ada]) {
      await one.getByRole("alert").waitFor({ state: "detached" });
      await until("all have the file's text", async () => {
        return (await written(0, one)) === `height = 2  # in the file ${turn}`;
      });
    }

    // The server goes; what is typed then is kept by the browser, also when the page is left.
    await saved();
    await until("nothing is kept that the server has", async () => (await kept()) === 0);
    await server.stop();
    await page.locator("[data-save=offline]").waitFor();
    await page.getByText("The server can't be reached").waitFor();
    await write(1, "  # without a server");
    await until("it is kept", async () => (await kept()) === 1);
    await page.goto("about:blank");
    await server.start();

    // Whoever stayed has the server back at once, in all of the app.
    await ada.locator("[data-notebook-link=open]").waitFor({ timeout: 60_000 });
    await ada.getByText("The server can't be reached").waitFor({ state: "detached" });
    if ((await written(1, ada)).includes("without")) troubles.push("it came before the page was back");
    await page.goto(url);
    for (const one of [page, ada]) {
      await until("it has arrived, once", async () => {
        return (await written(1, one)) === "width = 1  # without a server";
      });
    }
    await saved();
    await until("the browser keeps it no longer", async () => (await kept()) === 0);
  } catch (error) {
    for (const trouble of troubles) console.log(`  ${trouble}`);
    throw error;
  } finally {
    await stage.close();
  }
  return troubles;
}
