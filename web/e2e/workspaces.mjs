// Workspaces by mouse and by keyboard: opened with their stages, looked at, kept, shared, stopped, deleted; one that waits
// for room, one that fails, one beside the other panels; and what an administrator sees.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open, signIn, until } from "./stage.mjs";

export const title = "workspaces";

/** A site that says what it does, takes a moment, and shows who asked. */
const site = `
import http.server, sys, time
print("reading the settings", flush=True)
time.sleep(1.2)
print("listening", flush=True)
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = ("<!doctype html><html lang=en><title>Site</title><h1>A small site</h1><p id=p>" + self.path
            + "</p><form><label>Note <input></label></form>").encode()
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
`;
const failing = `
import sys
print("reading the settings", flush=True)
print("error: no licence was found in /etc/licence", file=sys.stderr, flush=True)
sys.exit(3)
`;

const definition = (name, title, program, rest = {}) =>
  JSON.stringify({
    name,
    title,
    command: ["python3", "-u", "-c", program, "{port}"],
    health_check: { endpoint: "/", interval: 2, timeout: 2, start_period: 20 },
    ...rest,
  });

const small = { name: "small", title: "Small", resources: { cpu_millis: 250, memory_mb: 256, storage_mb: 1024 } };
const large = { name: "large", title: "Large", resources: { cpu_millis: 2000, memory_mb: 2048, storage_mb: 4096 } };

export async function journey() {
  // Two at once: the third waits.
  const stage = await open({ env: { CASTALIA_WORKSPACES: "2" } });
  const { page, host, server, troubles, look, call } = stage;
  const services = join(server.data, "services");
  mkdirSync(services, { recursive: true });
  const write = (name, text) => writeFileSync(join(services, `${name}.yaml`), text);
  write("site", definition("site", "Site", site, { description: "A small site.", profiles: [small, large] }));
  write("licensed", definition("licensed", "Licensed", failing, { description: "Wants a licence." }));
  const idle = { timeout: "12s", warning: "10s" };
  write("brief", definition("brief", "Brief", site, { description: "Is soon idle.", idle }));
  write("torn", "name: torn\ncommand: [python3]\nport: eighty\n");

  const dialog = page.getByRole("dialog");
  const notice = (text) => page.getByLabel("Notices").getByText(text).waitFor();
  const badge = (state, limit = 20_000) => page.locator(`h1 [data-state=${state}]`).waitFor({ timeout: limit });
  const more = async (item) => {
    await page.getByRole("button", { name: /^More of/ }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  const list = () => page.goto(`${host.address}projects/demo/workspaces`);
  const card = (name) => page.locator(`[data-service=${name}]`);

  try {
    await signIn(page, host.address);

    // There by a key; nothing yet, and what can be opened.
    await page.keyboard.press("g");
    await page.keyboard.press("o");
    await page.getByRole("heading", { level: 1, name: "Workspaces" }).waitFor();
    await page.getByRole("heading", { name: "No workspaces yet" }).waitFor();
    await card("site").waitFor();
    await look("workspaces-empty");

    // A size is chosen, and it opens; every stage is seen, with its own lines.
    await card("site").getByLabel("Size").selectOption("large");
    await card("site").getByText("2 processors, 2 GiB memory").waitFor();
    await card("site").getByLabel("Size").selectOption("small");
    await card("site").getByRole("button", { name: "Open Site" }).click();
    await page.getByRole("heading", { level: 1, name: /Site/ }).waitFor();
    await page.getByRole("progressbar", { name: /Start of/ }).waitFor();
    await page.getByRole("list", { name: "Stages" }).getByText("Program runs, not ready yet").waitFor();
    await look("workspace-starting");
    await badge("ready");
    await page.getByText("listening").waitFor();
    const stages = await page.locator("[data-stage]").evaluateAll((all) => all.map((one) => one.dataset.stage));
    if (stages.join() !== "queued,admitted,started,ready") throw new Error(`stages: ${stages}`);
    const id = page.url().split("/").at(-1);

    // Health and its timeline: failed tries while it started, then good ones.
    const timeline = page.getByRole("img", { name: /^Health over/ });
    await timeline.waitFor();
    await until("an early and a good try are drawn", async () => {
      const marks = await page.locator("[data-mark]").evaluateAll((all) => all.map((one) => one.dataset.mark));
      return marks.includes("early") && marks.includes("passed");
    });
    await page.locator("[data-health=healthy]").waitFor({ state: "attached" });
    await page.getByText("The changes and the last tries in words").click();
    await page.getByRole("list", { name: "Changes" }).getByText("Healthy").waitFor();

    // Why it is kept, and for how long one wants it.
    await page
      .locator("[data-kept]")
      .getByText(/without activity|idle/i)
      .waitFor();
    await page.getByRole("button", { name: "Keep it…" }).click();
    await page.getByRole("menuitem", { name: "For 1 day" }).click();
    await notice(/is kept for 1 day/);
    await page
      .locator("[data-kept]")
      .getByText(/its user keeps it until/i)
      .waitFor();
    await look("workspace-ready");

    // In a tab, which can't reach back into this one.
    const [tab] = await Promise.all([
      page.context().waitForEvent("page"),
      page.getByRole("button", { name: "Open in a tab" }).click(),
    ]);
    await tab.getByRole("heading", { name: "A small site" }).waitFor();
    if (!tab.url().startsWith(`${host.address}user/demo/`)) throw new Error(`opened ${tab.url()}`);
    if ((await tab.locator("#p").textContent()) !== "/") throw new Error("the prefix was not taken off");
    if ((await tab.evaluate(() => window.opener)) !== null) throw new Error("the tab has an opener");
    await tab.close();

    // Renamed; its address stays.
    await more("Rename…");
    await dialog.getByLabel("Name", { exact: true }).fill("Survey site");
    await dialog.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("heading", { level: 1, name: /Survey site/ }).waitFor();

    // A file of it is a notebook as well.
    const there = page.url();
    await page.goto(`${host.address}projects/demo/notebooks`);
    await page.getByRole("button", { name: "Open a file" }).click();
    await dialog.getByLabel("Path").fill("plan.ipynb");
    await look("notebook-open-file");
    await dialog.getByRole("button", { name: "Open" }).click();
    await page.getByRole("heading", { level: 1, name: /plan/ }).waitFor();
    await until("the file is in the volume", async () => {
      const { items } = await call("GET", `api/workspaces/${id}/notebooks`);
      return items.some(({ path, notebook }) => path === "plan.ipynb" && notebook);
    });
    await page.goto(there);

    // Shared with a member, who is asked before it opens.
    await call("POST", "api/users", { name: "ada", password: "a good long one", display_name: "Ada" });
    await call("PUT", "api/projects/demo/members/ada", { role: "developer" });
    await page.getByRole("button", { name: "Share…" }).click();
    await dialog.getByLabel("Member").selectOption("ada");
    await look("workspace-share");
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await dialog.getByRole("list", { name: "Shares" }).getByText("ada").waitFor();
    await dialog.getByRole("button", { name: "Done" }).click();
    await page.getByRole("region", { name: "Shared with" }).getByText("ada").waitFor();
    await asAda(stage, id);

    // Beside the other panels.
    await page.getByRole("button", { name: "Open in the workbench" }).click();
    await page.getByRole("tab", { name: "Survey site" }).waitFor();
    const frame = page.frameLocator("iframe[title='Survey site']");
    await frame.getByRole("heading", { name: "A small site" }).waitFor();
    await frame.getByLabel("Note").fill("typed in the pane");
    await page.getByRole("tab", { name: "Survey site" }).waitFor();
    await page.locator("[data-phase=saved]").waitFor();
    await look("workspace-pane");
    await page.reload();
    await frame.getByRole("heading", { name: "A small site" }).waitFor();

    // A failing one keeps its log and exit code, and says what to do.
    await list();
    await card("licensed").getByRole("button", { name: "Open Licensed" }).click();
    await badge("failed");
    const outcome = page.getByRole("alert").filter({ hasText: "Failed" });
    await outcome.getByText("ended with exit code 3").waitFor();
    await outcome.getByText("before it was ready").first().waitFor();
    if ((await page.locator("[data-exit-code]").textContent()) !== "3") throw new Error("no exit code");
    await page.getByText("error: no licence was found in /etc/licence").last().waitFor();
    await look("workspace-failed");
    await page.reload();
    await page.getByText("reading the settings").waitFor();

    // The third waits for room, and says where it stands; it starts when another one stops.
    const second = await call("POST", "api/workspaces", { service: "site", project: "demo", new: true });
    await until("the second runs", async () => (await call("GET", `api/workspaces/${second.id}`)).state === "ready");
    await list();
    await card("site").getByRole("button", { name: "Open another Site" }).click();
    await badge("queued");
    await page.getByText("Number 1 in the queue").waitFor();
    await look("workspace-queued");
    await call("POST", `api/workspaces/${second.id}/stop`);
    await badge("ready");

    // Warned before it is stopped for being idle; whoever does nothing finds it stopped, with the reason.
    await call("POST", `api/workspaces/${page.url().split("/").at(-1)}/stop`);
    await page.locator("h1 [data-state=stopped]").waitFor({ timeout: 20_000 });
    await list();
    await card("brief").getByRole("button", { name: "Open Brief" }).click();
    await badge("ready");
    await page.getByText(/Nothing happens in Brief: it is stopped at/).waitFor({ timeout: 20_000 });
    await page.getByText(/It is about to be stopped because nothing happens/).waitFor();
    await look("workspace-warned");
    await page.getByRole("button", { name: "Keep it for 4 hours" }).click();
    await page
      .locator("[data-kept]")
      .getByText(/its user keeps it until/i)
      .waitFor();
    await page.getByRole("button", { name: "Keep it…" }).click();
    await page.getByRole("menuitem", { name: "Only while it is used" }).click();
    await page.locator("h1 [data-state=stopped]").waitFor({ timeout: 40_000 });
    await page
      .getByText(/idle for \d+ s/)
      .first()
      .waitFor();

    // In the dock, where there is little room; and found by its name from anywhere.
    await page.goto(`${host.address}projects/demo/bench`);
    await page.getByRole("button", { name: "Add panel" }).click();
    await page.getByRole("menuitem", { name: /^Workspaces/ }).click();
    await page.getByRole("list", { name: "Workspaces" }).getByText("Licensed").waitFor();
    await look("workspaces-panel");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("Brief");
    await dialog.getByRole("group", { name: "Workspaces" }).getByRole("option", { name: /Brief/ }).first().click();
    await page.getByRole("heading", { level: 1, name: /Brief/ }).waitFor();

    // All of them, with their states.
    await list();
    await page.getByRole("list", { name: "Workspaces" }).locator("[data-state=stopped]").first().waitFor();
    await look("workspaces-list");

    // The administration: everybody's, services with a broken definition and its line, no orphans.
    await page.goto(`${host.address}admin/workspaces`);
    await page.getByRole("region", { name: "Workspaces of everybody" }).getByText("Survey site").first().waitFor();
    await page.getByText("torn.yaml", { exact: true }).waitFor();
    await page
      .getByLabel("What is wrong with torn.yaml")
      .getByText(/torn\.yaml:3/)
      .waitFor();
    await page.getByText("There are none: everything that runs is claimed.").waitFor();
    await look("admin-workspaces");

    // Stopped by the keyboard alone, through the palette; its files are told to stay.
    await page.goto(`${host.address}projects/demo/workspaces/${id}`);
    await badge("ready");
    await page.keyboard.press("Control+k");
    await dialog.getByRole("option").first().waitFor();
    await page.keyboard.type("Stop: Survey");
    await page.keyboard.press("Enter");
    await dialog.getByText("Its files stay").waitFor();
    await look("workspace-stop");
    await dialog.getByRole("button", { name: "Stop" }).focus();
    await page.keyboard.press("Enter");
    await badge("stopped");
    await page.getByText("stopped by demo").first().waitFor();
    await page.getByRole("button", { name: "Start" }).click();
    await dialog.getByLabel("Size").selectOption("large");
    await dialog.getByRole("button", { name: "Start" }).click();
    await badge("ready");
    await page.getByText(/2 processors, 2 GiB memory/).waitFor();
    await page.getByRole("button", { name: "Stop…" }).click();
    await dialog.getByRole("button", { name: "Stop" }).click();
    await badge("stopped");

    // Deleted only by who says that its files are not needed.
    await more("Delete…");
    const yes = dialog.getByRole("button", { name: "Delete with all its files" });
    await yes.click();
    if (!(await dialog.isVisible())) throw new Error("deleted without the consent to lose its files");
    await look("workspace-delete");
    await dialog.getByRole("checkbox").check();
    await yes.click();
    await notice("Survey site was deleted");
    await page.getByRole("heading", { level: 1, name: "Workspaces" }).waitFor();
    await until("it is gone from the list", async () => (await page.getByText("Survey site").count()) <= 1);
    const left = await call("GET", "api/workspaces?project=demo");
    if (left.items.some((one) => one.id === id)) throw new Error("it is still there");
    return troubles;
  } finally {
    await stage.close();
  }
}

/** A guest who may use it: it is asked once whether its owner is trusted, and it can neither stop nor delete it. */
async function asAda({ page, host }, id) {
  const context = await page.context().browser().newContext();
  await context.addInitScript(() => {
    if (location.protocol === "http:") localStorage.setItem("castalia.tour", "seen");
  });
  const theirs = await context.newPage();
  theirs.setDefaultTimeout(15_000);
  await theirs.goto(`${host.address}projects/demo/workspaces/${id}`);
  await theirs.getByLabel("Name").fill("ada");
  await theirs.getByLabel("Password").fill("a good long one");
  await theirs.getByRole("button", { name: "Sign in" }).click();
  await theirs.getByRole("heading", { level: 1, name: /Survey site/ }).waitFor();
  for (const name of ["Stop…", "Open in the workbench"]) {
    if ((await theirs.getByRole("button", { name }).count()) > 0) throw new Error(`a guest is offered ${name}`);
  }
  await theirs.getByRole("button", { name: "Open in a tab" }).click();
  await theirs.getByRole("dialog").getByText("Open it only if you trust").waitFor();
  const [tab] = await Promise.all([
    context.waitForEvent("page"),
    theirs.getByRole("dialog").getByRole("button", { name: "Trust it and open" }).click(),
  ]);
  await tab.getByRole("heading", { name: "A small site" }).waitFor();
  await context.close();
}
