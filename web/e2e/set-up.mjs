// A fresh installation: the first administrator, the first project, its first file.
import { open } from "./stage.mjs";

export const title = "first-run set-up";

export async function journey() {
  const stage = await open({ demo: false });
  const { page, host, server, troubles, look } = stage;
  try {
    const token = /token=(\S+)/.exec(server.said())?.[1];
    if (!token) throw new Error("the server printed no set-up link");
    await page.goto(`${host.address}setup?token=${encodeURIComponent(token)}`);
    await page.getByRole("heading", { name: "Welcome to Castalia" }).waitFor();
    await look("set-up");
    await page.getByLabel("Name").fill("ada");
    await page.getByLabel("Password", { exact: true }).fill("correct horse");
    await page.getByLabel("Password again").fill("correct house");
    await page.getByRole("button", { name: /Make administrator/ }).click();
    await page.getByText("The two passwords differ.").waitFor();
    await page.getByLabel("Password again").fill("correct horse");
    await page.getByRole("button", { name: /Make administrator/ }).click();
    await page.getByRole("button", { name: "Make a project" }).waitFor();
    await look("no-project");
    await page.getByRole("button", { name: "Make a project" }).click();
    await page.getByLabel("Title").fill("Seismic survey");
    await look("new-project");
    await page.getByRole("button", { name: "Make project" }).click();
    await page.getByRole("heading", { level: 1, name: "Seismic survey" }).waitFor();
    await page.getByRole("link", { name: "Upload a file" }).click();
    await page.getByText("No data yet").waitFor();
    await look("data-empty");
    return troubles;
  } catch (error) {
    for (const trouble of troubles) console.log(`  ${trouble}`);
    await page.screenshot({ path: new URL("shots/failed.png", import.meta.url).pathname });
    throw error;
  } finally {
    await stage.close();
  }
}
