import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// A real server for `npm run dev`; the app itself only ever speaks to where it came from.
const server = process.env.CASTALIA_URL ?? "http://127.0.0.1:8000";

/**
 * What FlexLayout can do and the app does not ask of it: to describe itself, to print its types, windows of its own
 * (a panel's window is a page of the app), and borders.
 */
const unused: [RegExp, string][] = [
  [/\.setDescription\((?:`[^`]*`|"[^"]*")\)/g, ""],
  [/(toTypescriptInterfaces?\([^)]*\) \{)/g, '$1 return "";'],
  [/((?:PopoutWindow|FloatWindow|BorderTabSet|BorderButton) = \(props\) => \{)/g, "$1 return null;"],
];
const leaner: Plugin = {
  name: "leaner",
  transform: {
    filter: { id: /flexlayout-react[/\\]dist/ },
    handler(code) {
      return unused.reduce((rest, [part, instead]) => {
        if (rest.search(part) < 0) this.error(`FlexLayout has changed: ${part} is not there`);
        return rest.replace(part, instead);
      }, code);
    },
  },
};

/**
 * The editor's styles: as a sheet of the document's own, which the content security policy lets pass; it would write
 * them into a <style> element, which it refuses.
 */
const sheets: Plugin = {
  name: "sheets",
  transform: {
    filter: { id: /style-mod[/\\]src/ },
    handler(code) {
      const part = "!root.head && root.adoptedStyleSheets";
      if (!code.includes(part)) this.error(`style-mod has changed: ${part} is not there`);
      return code.replace(part, "root.adoptedStyleSheets");
    },
  },
};

export default defineConfig({
  // One build works under any path prefix: assets are found relative to each other, everything else relative
  // to <base>, which the server fills in.
  base: "./",
  plugins: [react(), tailwindcss(), leaner, sheets],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    // A preloaded chunk may have gone with an older release; the router reloads once in that case.
    sourcemap: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: { "/api": { target: server, ws: true }, "/health": { target: server } },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
});
