// Who may do what, and who did: members, roles, settings, audit, tokens, profile, the administration.
import { open, signIn, until } from "./stage.mjs";

export const title = "members, tokens, audit, administration";

export async function journey() {
  const stage = await open();
  const { page, host, troubles, look, call } = stage;
  const go = (name) => page.getByRole("navigation", { name: "Project" }).getByRole("link", { name }).click();
  const own = async (name) => {
    await page.getByRole("button", { name: /^Account/ }).click();
    await page.getByRole("link", { name }).click();
  };
  const dialog = page.getByRole("dialog");
  const notice = (text) => page.getByLabel("Notices").getByText(text).waitFor();
  try {
    await signIn(page, host.address);

    // An administrator makes a user, who becomes a member.
    await own("Administration");
    await page.getByRole("button", { name: "New user" }).click();
    await dialog.getByLabel("Name", { exact: true }).fill("ada");
    await dialog.getByLabel("Password").fill("short");
    await dialog.getByLabel("Password").evaluate((input) => input.removeAttribute("minlength"));
    await dialog.getByRole("button", { name: "Make user" }).click();
    await until("the weak password is told", async () => (await dialog.textContent()).match(/at least|short/i));
    await dialog.getByLabel("Password").fill("a good long one");
    await look("admin-new-user");
    await dialog.getByRole("button", { name: "Make user" }).click();
    await page.getByRole("cell", { name: /ada/ }).first().waitFor();
    await look("admin-users");
    await page.getByRole("button", { name: "Disable ada" }).click();
    await page.getByText("disabled", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Enable ada" }).click();

    const part = (name) =>
      page.getByRole("navigation", { name: "Parts of the administration" }).getByRole("link", { name }).click();
    await part("Roles");
    await page.getByRole("button", { name: "New role" }).click();
    await dialog.getByLabel("Name", { exact: true }).fill("observer");
    await dialog.getByLabel("What it is for").fill("Looks at runs");
    await dialog.getByLabel("Permissions in a project").fill("projects.view processes.view");
    await dialog.getByRole("button", { name: "Make role" }).click();
    await page.getByRole("cell", { name: "observer Looks at runs" }).waitFor();
    await look("admin-roles");
    await part("Projects and limits");
    await page.getByRole("button", { name: "Limits of Demo" }).click();
    await dialog.getByLabel("Running at once").fill("3");
    await dialog.getByLabel("Memory").fill("1.5");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("cell", { name: "3 processes, 1.5 GiB" }).waitFor();
    await page.getByRole("button", { name: "Add credit to Demo" }).click();
    await dialog.getByLabel("Credits").fill("250");
    await dialog.getByLabel("Note").fill("second quarter");
    await dialog.getByRole("button", { name: "Add credit" }).click();
    await notice("Credit was added to Demo");
    await look("admin-projects");
    await part("Environments");
    await page.getByText("ready", { exact: true }).waitFor({ timeout: 240_000 });
    await page.getByRole("button", { name: /Read again the types of/ }).click();
    await notice(/ offers .*fft/);
    await look("admin-environments");
    const sleep = { name: "sleep", command: ["sleep", "300"], description: "Waits", schema: { type: "object" } };
    await call("POST", "api/environments", { name: "slow", manifest: { types: [sleep] } });
    await call("POST", "api/processes", { project: "demo", type: "sleep", name: "Long nap", parameters: {} });
    await part("Running units");
    const nap = page.getByRole("row").filter({ hasText: "Long nap" });
    await nap.getByText("running").waitFor();
    await look("admin-units");
    await nap.getByRole("button", { name: "Cancel Long nap" }).click();
    await nap.waitFor({ state: "detached" });
    await part("Audit trail");
    await page.getByLabel("What").fill("identity.user_created");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.getByRole("button", { name: /ada/ }).click();
    await page.getByLabel("What was recorded").getByText('"ada"').waitFor();
    await look("admin-audit");
    await part("Server");
    await page.getByText("Memory of the server").waitFor();
    await look("admin-server");

    await page.goBack();
    await page.goto(host.address);
    await page.getByRole("heading", { level: 1, name: "Demo" }).waitFor();
    await go("Members");
    await page.getByRole("button", { name: "Add member" }).click();
    await dialog.getByLabel("User").fill("nobody-of-that-name");
    await dialog.getByRole("button", { name: "Add member" }).click();
    await dialog.getByRole("alert").waitFor();
    await dialog.getByLabel("User").fill("ada");
    await dialog.getByLabel("Role").selectOption("observer");
    await dialog.getByRole("button", { name: "Add member" }).click();
    await page.getByLabel("Role of ada").waitFor();
    await look("members");
    await page.getByLabel("Role of ada").selectOption("viewer");
    await notice("ada is now viewer");
    // A removal can be taken back, and does happen when it is not.
    await page.getByRole("button", { name: "Remove ada" }).click();
    await page.getByLabel("Role of ada").waitFor({ state: "detached" });
    await page.getByLabel("Notices").getByRole("button", { name: "Undo" }).click();
    await page.getByLabel("Role of ada").waitFor();
    await page.getByRole("button", { name: "Remove ada" }).click();
    await go("Audit");
    await page
      .getByRole("cell", { name: "project.member_removed" })
      .waitFor({ timeout: 20_000 })
      .catch(async () => {
        await page.reload();
        await page.getByRole("cell", { name: "project.member_removed" }).waitFor();
      });
    await page.getByLabel("What").fill("project.member_removed");
    await page.getByRole("button", { name: "Filter" }).click();
    await until("the filter is in the address", () => page.url().includes("type=project.member_removed"));
    await until("only that is shown", async () => (await page.getByRole("row").count()) === 2);
    await page.getByRole("cell", { name: "project.member_removed" }).waitFor();
    await page.getByRole("button", { name: "Show all" }).click();
    await page.getByRole("row").nth(2).waitFor();
    await look("audit");

    await go("Settings");
    await page.getByLabel("Title").fill("Demonstration");
    await page.getByRole("button", { name: "Save" }).click();
    await notice("The settings were saved");
    await page.getByRole("button", { name: "Archive…" }).click();
    await dialog.getByRole("button", { name: "Archive" }).click();
    await page.getByText("This project is archived: it can be looked at").waitFor();
    await page.getByRole("button", { name: "Bring back" }).click();
    await dialog.getByRole("button", { name: "Bring back" }).click();
    await page.getByRole("heading", { name: "Archive" }).waitFor();
    await look("settings");
    await go("Ledger");
    await page.getByRole("cell", { name: "second quarter" }).waitFor();
    await page.locator("[data-drawn]").waitFor();
    await look("ledger-charts");

    await own("Tokens");
    await page.getByRole("button", { name: "New token" }).click();
    await dialog.getByLabel("Name").fill("nightly import");
    await dialog.getByLabel("It may do").selectOption("some");
    await dialog.getByLabel("Permissions").fill("processes.view");
    await look("new-token");
    await dialog.getByRole("button", { name: "Make token" }).click();
    const copy = page
      .getByRole("dialog", { name: "The token nightly import" })
      .getByRole("button", { name: /Copy the token/ });
    const secret = (await copy.textContent()).trim();
    await look("token-issued");
    const ask = (path) => fetch(`${host.address}${path}`, { headers: { authorization: `Bearer ${secret}` } });
    if ((await ask("api/processes?project=demo")).status !== 200) throw new Error("the token does not work");
    if ((await ask("api/users")).status !== 403) throw new Error("the token may do more than was said");
    await page.getByRole("button", { name: "I have it" }).click();
    await page.getByRole("cell", { name: "nightly import", exact: true }).waitFor();
    await look("tokens");
    await page.getByRole("button", { name: "Revoke nightly import" }).click();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await page.getByText("No tokens yet").waitFor();
    if ((await ask("api/processes?project=demo")).status !== 401) throw new Error("the revoked token still works");

    await own("Profile");
    await page.getByLabel("Name that others see").fill("Demo Person");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Account of Demo Person" }).waitFor();
    await page.getByLabel("Present password").fill("wrong");
    await page.getByLabel("New password", { exact: true }).fill("another good one");
    await page.getByLabel("New password again").fill("another good one");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.locator('[aria-invalid="true"][name="current"]').waitFor();
    await look("profile");
    return troubles;
  } catch (error) {
    await page.screenshot({ path: new URL("shots/failed.png", import.meta.url).pathname });
    for (const trouble of troubles) console.log(`  ${trouble}`);
    throw error;
  } finally {
    await stage.close();
  }
}
