// How soon a person sees something: first and largest paint and layout shifts of the first screens, each in a fresh
// browser profile against the real server. Times are printed, and judge nothing.
import { open, signIn } from "./stage.mjs";

export const title = "paints and shifts";

const LOADS = 5;
const middle = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function load(browser, url, state) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, storageState: state });
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.vitals = { lcp: 0, cls: 0 };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.vitals.lcp = entry.startTime;
    }).observe({ type: "largest-contentful-paint", buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.vitals.cls += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(url);
  await page.waitForTimeout(2500);
  const found = await page.evaluate(() => {
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    const bytes = performance.getEntriesByType("resource").reduce((sum, { transferSize }) => sum + transferSize, 0);
    return { fcp: paint?.startTime ?? Number.NaN, bytes, ...window.vitals };
  });
  await context.close();
  return found;
}

export async function journey() {
  const stage = await open();
  const { page, host, troubles } = stage;
  try {
    const browser = page.context().browser();
    await signIn(page, host.address);
    const state = await page.context().storageState();
    const screens = [
      ["sign-in", host.address, undefined],
      ["home", `${host.address}projects/demo`, state],
      ["workbench", `${host.address}projects/demo/bench`, state],
    ];
    for (const [name, url, storage] of screens) {
      const found = [];
      for (let at = 0; at < LOADS; at += 1) found.push(await load(browser, url, storage));
      const of = (key) => middle(found.map((one) => one[key]));
      if (!(of("fcp") > 0)) troubles.push(`${name} painted nothing`);
      console.log(
        `  ${name}: first paint ${of("fcp").toFixed(0)} ms, largest ${of("lcp").toFixed(0)} ms (goal 1500), ` +
          `shifts ${of("cls").toFixed(3)} (goal 0.1), ${(of("bytes") / 1000).toFixed(0)} kB fetched; median of ${LOADS}`,
      );
    }
    return troubles;
  } finally {
    await stage.close();
  }
}
