// HTML that is nothing but a table (what pandas and its like write) is drawn as a table of ours: it follows the theme and
// can be read and copied like the rest. Elements are made anew from a short list; nothing of the original gets in but
// its text and how cells span. Anything that is more than a table goes into a frame.

import { createElement, type ReactNode } from "react";

const drawn = new Set([
  "table",
  "thead",
  "tbody",
  "tfoot",
  "tr",
  "th",
  "td",
  "caption",
  "b",
  "strong",
  "em",
  "i",
  "code",
]);
const opened = new Set(["div", "span", "p", "section"]);
const dropped = new Set(["style", "colgroup", "col"]);
/** More cells than these are slow as elements. */
const MOST = 20_000;

export function tableOf(html: string): ReactNode | undefined {
  if (!/<table[\s>]/i.test(html)) return undefined;
  const { body } = new DOMParser().parseFromString(html, "text/html");
  const all = [...body.querySelectorAll("*")];
  if (all.length > MOST) return undefined;
  const plain = all.every(
    ({ localName, attributes }) =>
      (drawn.has(localName) || opened.has(localName) || dropped.has(localName) || localName === "br") &&
      [...attributes].every(({ name }) => !name.startsWith("on")),
  );
  if (!plain) return undefined;
  return (
    <section
      aria-label="Table"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
      tabIndex={0}
      className="nb-table"
    >
      {[...body.childNodes].map(nodeOf)}
    </section>
  );
}

function nodeOf(node: ChildNode, key: number): ReactNode {
  if (node.nodeType === Node.TEXT_NODE) {
    const inTable = /^(table|thead|tbody|tfoot|tr)$/.test((node.parentElement as Element).localName);
    return inTable ? null : node.textContent;
  }
  if (!(node instanceof Element) || dropped.has(node.localName)) return null;
  if (node.localName === "br") return <br key={key} />;
  const inner = [...node.childNodes].map(nodeOf);
  if (!drawn.has(node.localName)) return createElement("div", { key }, ...inner);
  const span = (name: string) => Math.min(1000, Math.max(1, Number(node.getAttribute(name)) || 1));
  const cell = node.localName === "td" || node.localName === "th";
  // An empty heading says nothing to a screen reader.
  const name = node.localName === "th" && node.textContent?.trim() === "" ? "td" : node.localName;
  return createElement(name, { key, ...(cell && { colSpan: span("colspan"), rowSpan: span("rowspan") }) }, ...inner);
}
