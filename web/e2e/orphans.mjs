// A database is put back that knows nothing of workspaces that run: nothing is ended, an administrator sees them and takes
// one up again, which goes on as it was, and ends the other. It takes two minutes, which the server waits before it calls
// anything an orphan.
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open, signIn, until } from "./stage.mjs";

export const title = "workspaces that nobody claims";
export const waits = true;

/** Answers with the number of its process, so that one sees whether it is the same. */
const program = `
import http.server, os, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"<!doctype html><html lang=en><title>p</title><p id=pid>%d" % os.getpid()
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
`;

export async function journey() {
  const stage = await open();
  const { page, host, server, troubles, look, call } = stage;
  const services = join(server.data, "services");
  mkdirSync(services, { recursive: true });
  const command = ["python3", "-u", "-c", program, "{port}"];
  writeFileSync(
    join(services, "counter.yaml"),
    JSON.stringify({ name: "counter", title: "Counter", command, health_check: { endpoint: "/", interval: 2 } }),
  );
  const dialog = page.getByRole("dialog");
  const orphans = page.getByRole("region", { name: "Orphans" });
  try {
    await signIn(page, host.address);
    await server.stop();
    const backup = join(server.data, "backup");
    mkdirSync(backup);
    const files = () => readdirSync(server.data).filter((name) => name.startsWith("castalia.db"));
    for (const name of files()) copyFileSync(join(server.data, name), join(backup, name));
    await server.start();
    const make = async () => {
      const { id } = await call("POST", "api/workspaces", { service: "counter", project: "demo", new: true });
      const ready = async () => (await call("GET", `api/workspaces/${id}`)).state === "ready";
      await until("it is ready", ready, 30_000);
      return call("GET", `api/workspaces/${id}`);
    };
    const [first, second] = [await make(), await make()];
    const processOf = async () => {
      const tab = await page.context().newPage();
      await tab.goto(first.url);
      const pid = await tab.locator("#pid").textContent();
      await tab.close();
      return pid;
    };
    const before = await processOf();

    await server.stop();
    for (const name of files()) rmSync(join(server.data, name));
    for (const name of readdirSync(backup)) copyFileSync(join(backup, name), join(server.data, name));
    await server.start();

    await page.goto(`${host.address}admin/workspaces`);
    const rows = orphans.getByRole("row");
    await until("both are seen", async () => (await rows.count()) === 3, 30_000);
    await orphans
      .getByRole("button", { name: /^Adopt/ })
      .nth(1)
      .waitFor({ timeout: 180_000 });
    await look("admin-orphans");

    const rowOf = ({ name }) => rows.filter({ hasText: name });
    await rowOf(first)
      .getByRole("button", { name: /^Adopt/ })
      .click();
    await dialog.getByLabel("Whose it is to be").waitFor();
    await dialog.getByRole("button", { name: "Adopt" }).click();
    await page
      .getByLabel("Notices")
      .getByText(/was adopted for demo/)
      .waitFor();
    const everybodys = page.getByRole("region", { name: "Workspaces of everybody" });
    await everybodys.getByText(first.name).waitFor();
    await everybodys.locator("[data-state=ready]").waitFor();
    const after = await processOf();
    if (after !== before) throw new Error(`it was process ${before} and is ${after}`);

    await rowOf(second).getByRole("button", { name: /^End/ }).click();
    await dialog.getByText("What it has not saved is lost").waitFor();
    await dialog.getByRole("button", { name: "End it" }).click();
    await page.getByText("There are none: everything that runs is claimed.").waitFor({ timeout: 30_000 });
    await call("POST", `api/workspaces/${first.id}/stop`);
    return troubles;
  } finally {
    await stage.close();
  }
}
