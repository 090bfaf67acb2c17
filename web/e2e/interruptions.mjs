// What goes wrong in the middle of work: a session that ends over a half-filled form, a run that is cancelled, an
// address of nothing, a log on a small screen.
import { open, signIn, until } from "./stage.mjs";

export const title = "interruptions";

export async function journey() {
  const stage = await open();
  const { page, host, troubles, look } = stage;
  try {
    await signIn(page, host.address);
    await page.goto(`${host.address}projects/demo/new`);
    const type = page.getByRole("link", { name: /Tomography/ });
    await type.waitFor({ timeout: 240_000 });
    await type.click();
    await page.getByLabel("Name of the process").fill("large one");
    await page.getByLabel("Cells x").fill("64");
    await page.getByLabel("Cells y").fill("64");

    await page.context().clearCookies();
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("heading", { name: "Your session has ended" }).waitFor();
    await look("session-ended");
    await page.getByLabel("Password").fill("demo");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Your session has ended" }).waitFor({ state: "hidden" });
    if ((await page.getByLabel("Cells x").inputValue()) !== "64") throw new Error("the form was lost with the session");

    await page.getByRole("button", { name: "Run", exact: true }).click();
    const cancel = page.getByRole("button", { name: "Cancel" });
    await cancel.waitFor();
    await look("running");
    await cancel.click();
    await until(
      "the run is cancelled",
      async () => (await page.locator("[data-state]").first().getAttribute("data-state")) === "cancelled",
      60_000,
    );
    await cancel.waitFor({ state: "hidden" });
    await look("cancelled");

    await page.setViewportSize({ width: 390, height: 844 });
    await look("small-screen");
    await page.goto(`${host.address}projects/nowhere`);
    await page.getByText(/no project/i).waitFor();
    await look("no-such-project");
    await page.goto(`${host.address}nothing/here`);
    await page.getByRole("heading", { name: "No such page" }).waitFor();
    await look("no-such-page");
    return troubles.filter((trouble) => !trouble.startsWith("Problem: no project"));
  } catch (error) {
    for (const trouble of troubles) console.log(`  ${trouble}`);
    await page.screenshot({ path: new URL("shots/failed.png", import.meta.url).pathname });
    throw error;
  } finally {
    await stage.close();
  }
}
