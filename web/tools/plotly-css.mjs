// Writes src/features/plots/plotly.css: the rules that Plotly would put into the page by script, which a strict
// content security policy forbids. Run it again when the pinned version of Plotly changes.
import { readFileSync, writeFileSync } from "node:fs";

const bundle = new URL("../node_modules/plotly.js-cartesian-dist-min/plotly-cartesian.min.js", import.meta.url);
const text = readFileSync(bundle, "utf8");
const begin = text.indexOf('"X,X div"');
const rules = text.slice(begin, text.indexOf("};for(", begin));

const css = [...rules.matchAll(/(?:"([^"]+)"|(\w)):(?:"([^"]*)"|'([^']*)')/g)]
  .map(([, quoted, bare, double, single]) => [quoted ?? bare, double ?? single])
  // The dialog for sending charts to the maker's servers is switched off.
  .filter(([selector]) => !selector.includes("plotly-cloud"))
  .map(([selector, body]) => {
    const full = selector.replace(/X/g, ".js-plotly-plot .plotly").replace(/Y/g, ".plotly-notifier");
    return `${full} {\n${body
      .split(/;(?=[a-z-]+:|$)/)
      .filter(Boolean)
      .map((rule) => `  ${rule.replace(":", ": ")};\n`)
      .join("")}}\n`;
  });
const head = "/* Made by tools/plotly-css.mjs from Plotly's bundle (MIT); don't edit. */\n\n";
writeFileSync(new URL("../src/features/plots/plotly.css", import.meta.url), head + css.join("\n"));
