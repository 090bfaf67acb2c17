// A log of a million lines from a real process: opened at its end, scrolled, filtered, searched; colours, errors and
// download of a small one; live lines. Times and memory are printed, and judge nothing.
import { open, signIn, until } from "./stage.mjs";

export const title = "a log of a million lines";

const LINES = 1_000_000;

const MILLION = `
awk 'BEGIN {
  for (i = 1; i <= ${LINES}; i++) {
    if (i == 250000 || i == 750000) print "ERROR: cell " i " diverged";
    else if (i % 100000 == 0) print "checkpoint " i;
    else print "step " i ": residual " (i % 997) / 997;
  }
}'`;

const COLOURS = `
printf 'plain, \\033[1mbold\\033[0m, \\033[3mitalic\\033[0m, \\033[4munderlined\\033[0m, \\033[7mreversed\\033[0m\\n'
printf '\\033[31mred\\033[0m \\033[32mgreen\\033[0m \\033[33myellow\\033[0m \\033[34mblue\\033[0m \\033[44mon blue\\033[0m \\033[30;43mdark on yellow\\033[0m\\n'
printf '\\033[38;5;208mof the 256\\033[0m \\033[38;2;120;220;180mtrue colour\\033[0m \\033[48;2;40;60;90mon true colour\\033[0m\\n'
printf '<img src=x onerror=alert(1)> is only text\\n'
for i in $(seq 1 60); do echo "step $i: a rather long line that says much about residuals, iterations, tolerances, times and other things that one wants to read in whole, also when the window is narrow"; done
printf 'Traceback (most recent call last):\\n  File "invert.py", line 12, in run\\nValueError: the matrix is singular\\n' >&2
for i in $(seq 61 120); do echo "step $i"; done
echo 'WARNING: slow convergence'
echo 'ERROR: no convergence'
i=121; while [ $i -le 400 ]; do echo "late step $i"; i=$((i+1)); sleep 0.05; done
exit 3`;

const seconds = (begin) => `${((performance.now() - begin) / 1000).toFixed(2)} s`;

export async function journey() {
  const stage = await open();
  const { page, host, troubles, look, call } = stage;
  const measured = [];
  const lines = page.getByLabel(/^Lines of the log/);
  const line = (number) => lines.locator(`[data-line="${number}"]`);
  const memory = async () => {
    const session = await page.context().newCDPSession(page);
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    await session.detach();
    return `${Math.round(usedSize / 1e6)} MB`;
  };
  const seen = async (what, action, wanted) => {
    const begin = performance.now();
    await action();
    await wanted.waitFor({ timeout: 120_000 });
    measured.push(`${what} ${seconds(begin)}`);
  };

  try {
    await signIn(page, host.address);
    const resources = { cpu_millis: 500, memory_mb: 128, storage_mb: 512, deadline_s: 300 };
    const type = (name, script) => ({
      name,
      title: name,
      command: ["sh", "-c", script],
      schema: { type: "object" },
      resources,
    });
    await call("POST", "api/environments", {
      name: "talkers",
      manifest: { types: [type("million", MILLION), type("colours", COLOURS)] },
    });
    const start = (name) => call("POST", "api/processes", { project: "demo", type: name, name, parameters: {} });
    const million = await start("million");
    const colours = await start("colours");

    // The small one, live.
    await page.goto(`${host.address}projects/demo/processes/${colours.id}?tab=log`);
    await lines.getByText("late step 13").first().waitFor({ timeout: 60_000 });
    // Scrolled away, it stays where it is and says how much is new.
    await lines.press("Home");
    await line(1).waitFor();
    await look("log-colours");
    const bold = lines.getByText("bold", { exact: true });
    if (!(await bold.evaluate((element) => Number(getComputedStyle(element).fontWeight) >= 600))) {
      throw new Error("bold is not bold");
    }
    if ((await lines.locator("img").count()) > 0) throw new Error("a line became an element");
    await page.getByRole("button", { name: /new lines? ↓/ }).click();
    await page.getByRole("button", { name: "Following" }).waitFor();
    await until(
      "it has ended",
      async () => (await page.locator("[data-state]").first().getAttribute("data-state")) === "failed",
      60_000,
    );

    // Errors: the traceback as one, then the line that says so; round again.
    const next = page.getByRole("button", { name: "Next error" });
    const marked = () => new URL(page.url()).searchParams.get("line");
    await lines.press("Home");
    await next.click();
    await lines.getByText("Traceback (most recent call last):").waitFor();
    const first = marked();
    await next.click();
    await until("the next error is marked", async () => marked() !== first);
    await line(marked()).getByText("ERROR: no convergence").waitFor();
    await page.getByRole("button", { name: "Previous error" }).click();
    await until("the first error is marked again", async () => marked() === first);
    await look("log-error");

    // The address leads to the line.
    await page.reload();
    await line(first).getByText("Traceback").waitFor();
    await page.getByLabel("Which lines").selectOption("errors");
    await page.getByText(/^\d+ of \d+ lines/).waitFor();
    await page.getByLabel("Which lines").selectOption("all");
    await page.getByRole("button", { name: "Show times" }).click();
    await page.getByRole("button", { name: "Wrap long lines" }).click();
    await lines.press("Home");
    await line(1).waitFor();
    const wrapped = lines.locator("[data-line='7']");
    if (!(await wrapped.evaluate((row) => row.offsetHeight > 30))) throw new Error("long lines do not wrap");
    await look("log-wrapped");
    await lines.press("End");
    await lines.getByText("late step 400").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download" }).click(),
    ]);
    const path = await download.path();
    const { readFileSync } = await import("node:fs");
    const text = readFileSync(path, "utf8");
    if (!text.includes("\u001b[31mred") || !text.includes("late step 400\n"))
      throw new Error("the download is not the log");

    // The long one.
    await until(
      "a million lines are written",
      async () => (await call("GET", `api/processes/${million.id}`)).state === "completed",
      180_000,
    );
    await page.goto(`${host.address}projects/demo`);
    await page.getByRole("heading", { level: 1, name: "Demo" }).waitFor();
    const before = await memory();
    await seen(
      "opened at its end in",
      () => page.goto(`${host.address}projects/demo/processes/${million.id}?tab=log`),
      line(LINES),
    );
    measured.push(`heap ${before} before, ${await memory()} then`);
    await lines.focus();
    await seen("start", () => lines.press("Home"), line(1).getByText("step 1:"));
    await seen(
      "middle",
      () => lines.evaluate((box) => box.scrollTo(0, (box.scrollHeight - box.clientHeight) / 2)),
      lines.getByText(/^step (499|500|501)\d\d\d:/).first(),
    );
    await seen("end", () => lines.press("End"), line(LINES).getByText("checkpoint"));
    await seen(
      "filtered in",
      () => page.getByLabel("Show only lines with").fill("CHECKPOINT"),
      page.getByText(/^10 of 1,000,000 lines$/),
    );
    measured.push(`heap ${await memory()} with all lines looked at`);
    await seen(
      "filtered again in",
      () => page.getByLabel("Show only lines with").fill("checkpoint 5"),
      page.getByText(/^1 of 1,000,000 lines$/),
    );
    await look("log-filtered");
    await page.getByLabel("Show only lines with").fill("");
    await page.getByText(/^1,000,000 lines$/).waitFor();

    // By keys: Ctrl+F, what is looked for, Enter, F3.
    await lines.focus();
    await page.keyboard.press("Control+f");
    await until("the search has the focus", () =>
      page.getByRole("searchbox", { name: "Search in the log" }).evaluate((input) => input === document.activeElement),
    );
    await seen("searched in", () => page.keyboard.type("step 123"), page.getByText(/\/1,111$/));
    await page.keyboard.press("Enter");
    await until("a match is marked", async () => marked() !== null);
    const match = marked();
    await line(match).locator("mark").first().waitFor();
    await page.keyboard.press("F3");
    await until("the next match is marked", async () => marked() !== match);
    await look("log-searched");
    await page.keyboard.press("Escape");
    await lines.press("Home");
    await seen("first error in", () => page.keyboard.press("F8"), lines.getByText("ERROR: cell"));
    await page.keyboard.press("F8");
    await until("the second error is marked", async () => marked() !== null && Number(marked()) > 250_000);
    // A turn of the wheel moves by lines, also where the scroll bar is to scale.
    await lines.hover();
    await page.mouse.wheel(0, 200);
    await line(750_012).waitFor();
    measured.push(`heap ${await memory()} at the end`);
    console.log(`  ${measured.join(", ")}`);
    return troubles;
  } catch (error) {
    for (const trouble of troubles) console.log(`  ${trouble}`);
    console.log(`  ${measured.join(", ")}`);
    await page.screenshot({ path: new URL("shots/failed.png", import.meta.url).pathname });
    throw error;
  } finally {
    await stage.close();
  }
}
