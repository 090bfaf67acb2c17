// What works everywhere: the tour that is offered once, the palette, the sheet of keys, sequences of keys.
import { open, signIn, until } from "./stage.mjs";

export const title = "tour, palette and keys";

export async function journey() {
  const stage = await open({ tour: true });
  const { page, host, troubles, look } = stage;
  const keys = page.keyboard;
  const palette = page.getByRole("dialog", { name: "Find anything" });
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
  const gone = (what) => what.waitFor({ state: "detached" });

  try {
    await signIn(page, host.address);

    // The tour: offered on the first visit, walked by keyboard, left at a step.
    const offer = page.getByRole("complementary", { name: "Offer of a tour" });
    await offer.waitFor();
    await look("tour-offer");
    await page.getByRole("button", { name: "Take the tour" }).click();
    const step = (number) => page.getByText(`Step ${number} of 6`);
    await step(1).waitFor();
    await until("the step has the focus", async () => (await focused()) === "Your projects");
    await look("tour-first");
    for (let number = 2; number <= 6; number += 1) {
      await page.getByRole("button", { name: "Next" }).focus();
      await keys.press("Enter");
      await step(number).waitFor();
      if (number === 4) {
        await page.getByRole("tab", { name: "Log", exact: true }).waitFor();
        await page.waitForTimeout(500);
        await look("tour-log");
      }
    }
    if (!page.url().includes("/bench")) throw new Error("the tour did not go to the workbench");
    await page.getByRole("button", { name: "Done" }).click();
    await gone(step(6));
    await page.reload();
    await page.getByRole("tab", { name: "Log", exact: true }).waitFor();
    if ((await offer.count()) > 0) throw new Error("the tour is offered again");
    await page.getByRole("button", { name: /^Account/ }).click();
    await page.getByRole("button", { name: "Take the tour" }).click();
    await step(1).waitFor();
    await keys.press("Escape");
    await gone(step(1));

    // The palette: actions, pages, data; what was chosen lately comes first.
    await keys.press("Control+k");
    await palette.waitFor();
    await until(
      "data is found as well",
      async () => (await page.getByRole("group", { name: "Data" }).count()) > 0,
      240_000,
    );
    await look("palette");
    await keys.type("go to led");
    const chosen = page.getByRole("option", { selected: true });
    await until("the best is chosen", async () => (await chosen.textContent())?.includes("Go to Ledger"));
    await keys.press("Enter");
    await gone(palette);
    await page.waitForURL(/\/ledger/);
    await keys.press("Control+k");
    await page.getByRole("group", { name: "Lately" }).getByRole("option", { name: "Go to Ledger" }).waitFor();
    await keys.type("mauna-loa-co2");
    await until("the file is found", async () => (await chosen.textContent())?.includes("mauna-loa-co2.csv"));
    await look("palette-found");
    await keys.press("Enter");
    await page.waitForURL(/\/data/);
    await page.getByRole("button", { name: /Find anything/ }).click();
    await keys.type("no such thing at all");
    await page.getByText("Nothing is called").waitFor();
    await keys.press("Escape");
    await gone(palette);

    // Sequences and the sheet; in a field they are letters.
    await page.getByRole("main").focus();
    await keys.press("g");
    await keys.press("w");
    await page.getByRole("tab", { name: "Log", exact: true }).waitFor();
    await keys.press("Shift+?");
    const sheet = page.getByRole("dialog", { name: "Keys" });
    await sheet.getByText("Split right").waitFor();
    await look("keys");
    await sheet.getByLabel("Keys without Ctrl or Alt work").uncheck();
    await keys.press("Escape");
    await gone(sheet);
    await keys.press("Shift+?");
    if ((await sheet.count()) > 0) throw new Error("keys that were turned off still work");
    await keys.press("Control+k");
    await keys.type("show the keys");
    await keys.press("Enter");
    await sheet.getByLabel("Keys without Ctrl or Alt work").check();
    await sheet.getByRole("button", { name: "Close" }).click();

    // On a small screen everything is still there.
    await page.setViewportSize({ width: 390, height: 844 });
    await look("workbench-small");
    await page.getByRole("button", { name: /Find anything/ }).click();
    await palette.waitFor();
    await look("palette-small");
    return troubles;
  } catch (error) {
    await page.screenshot({ path: new URL("shots/failed.png", import.meta.url).pathname });
    for (const trouble of troubles) console.log(`  ${trouble}`);
    throw error;
  } finally {
    await stage.close();
  }
}
