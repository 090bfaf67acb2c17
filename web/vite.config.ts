import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// A real server for `npm run dev`; the app itself only ever speaks to where it came from.
const server = process.env.CASTALIA_URL ?? "http://127.0.0.1:8000";

/** FlexLayout describes each of its attributes for a page of its documentation; nobody reads that in the app. */
const undescribed: Plugin = {
  name: "undescribed",
  transform: {
    filter: { id: /flexlayout-react[/\\]dist/ },
    handler: (code) => code.replace(/\.setDescription\((?:`[^`]*`|"[^"]*")\)/g, ""),
  },
};

export default defineConfig({
  // One build works under any path prefix: assets are found relative to each other, everything else relative
  // to <base>, which the server fills in.
  base: "./",
  plugins: [react(), tailwindcss(), undescribed],
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
