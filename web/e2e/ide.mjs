// An IDE as a workspace, by mouse: code-server through the proxy, a file written in it, a terminal that computes, and the
// same under the workspace program. `scripts/test-ide` installs it; without it this is skipped.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { open, signIn, until } from "./stage.mjs";

export const title = "an IDE in a workspace";

const programs = process.env.CASTALIA_TEST_IDE ?? fileURLToPath(new URL("../../target/test-ide/bin", import.meta.url));
const PATIENCE = 120_000;

export async function journey() {
  if (!existsSync(`${programs}/code-server`)) {
    console.log("  skipped: code-server is not installed (`scripts/test-ide` installs it)");
    return [];
  }
  const stage = await open({ env: { CASTALIA_WORKSPACE_PATH: programs } });
  const { page, host, troubles } = stage;
  try {
    await signIn(page, host.address);
    // What the IDE says to the console, and asks of others, is its own affair.
    const ours = [];
    for (const service of ["code-server", "WAIIDE"]) {
      await page.getByRole("link", { name: "Workspaces" }).click();
      const begin = Date.now();
      await page.getByRole("button", { name: `Open ${service}` }).click();
      await page.getByRole("heading", { level: 1, name: service }).waitFor();
      await page.locator("h1 [data-state=ready]").waitFor({ timeout: PATIENCE });
      console.log(`  ${service}: ready ${((Date.now() - begin) / 1000).toFixed(1)} s after the click`);
      if (service === "code-server") ours.push(...troubles);
      const [ide] = await Promise.all([
        page.context().waitForEvent("page"),
        page.getByRole("button", { name: "Open in a tab" }).click(),
      ]);
      // A terminal lives on the far end of the WebSocket.
      await ide.locator(".monaco-workbench .part.sidebar").waitFor({ timeout: PATIENCE });
      const terminal = ide.locator(".terminal-wrapper.active .xterm");
      await until(
        `${service} has a terminal`,
        async () => {
          if ((await ide.getByText("failed to connect to the server").count()) > 0) throw new Error("no connection");
          if ((await terminal.count()) > 0) return true;
          await ide.keyboard.press("Control+Shift+Backquote");
          await ide.waitForTimeout(3000);
          return (await terminal.count()) > 0;
        },
        PATIENCE,
      );
      await ide.getByRole("button", { name: /^Trust/ }).click();
      await terminal.click();
      await ide.keyboard.type("echo $((6*7)) > answer-$((6*7)).txt");
      await ide.keyboard.press("Enter");
      await ide
        .locator(".explorer-viewlet, .explorer-folders-view")
        .getByText("answer-42.txt")
        .first()
        .waitFor({ timeout: 60_000 });
      await ide.screenshot({
        path: fileURLToPath(new URL(`shots/ide-${service.toLowerCase()}-light.png`, import.meta.url)),
      });
      await ide.close();
    }
    return ours;
  } catch (error) {
    for (const [at, seen] of page.context().pages().entries())
      await seen.screenshot({ path: fileURLToPath(new URL(`shots/failed-${at}.png`, import.meta.url)) });
    throw error;
  } finally {
    await stage.close();
  }
}
