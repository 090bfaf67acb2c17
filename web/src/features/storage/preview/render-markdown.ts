// Markdown to harmless nodes, in two steps that each would do: markdown-it knows no HTML here, and DOMPurify lets
// through nothing but a short list of elements.

import DOMPurify from "dompurify";
import MarkdownIt from "markdown-it";

const parser = new MarkdownIt({ html: false, linkify: false, maxNesting: 50 });
// A picture would be asked for elsewhere: its words stand for it.
parser.renderer.rules.image = (tokens, at, _options, env) => {
  const token = tokens[at];
  const words = parser.utils.escapeHtml(token?.content ?? "");
  const picture = env?.picture as ((address: string) => string | undefined) | undefined;
  const data = picture?.(String(token?.attrGet("src") ?? ""));
  return data?.startsWith("data:image/")
    ? `<img alt="${words}" src="${parser.utils.escapeHtml(data)}">`
    : `[picture: ${words}]`;
};
// Cells would carry their alignment in a style attribute.
for (const rule of ["th_open", "td_open"]) {
  parser.renderer.rules[rule] = (tokens, at, options, _, self) => {
    const token = tokens[at];
    if (token) token.attrs = null;
    return self.renderToken(tokens, at, options);
  };
}

const ELEMENTS =
  "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr img li ol p pre s strong table tbody td th thead tr ul".split(" ");

/** @param picture the data of a picture that the document itself carries, by its address */
export function render(text: string, picture?: (address: string) => string | undefined): DocumentFragment {
  const fragment = DOMPurify.sanitize(parser.render(text, { picture }), {
    ALLOWED_TAGS: ELEMENTS,
    ALLOWED_ATTR: ["alt", "href", "src", "start"],
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const link of fragment.querySelectorAll("a")) {
    if (!link.hasAttribute("href")) {
      link.replaceWith(...link.childNodes);
      continue;
    }
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
    link.title = link.href;
  }
  // Its headings stand below the page's own.
  for (const heading of fragment.querySelectorAll("h1,h2,h3,h4,h5,h6")) {
    const lower = document.createElement(`h${Math.min(6, Number(heading.tagName[1]) + 2)}`);
    lower.className = heading.tagName.toLowerCase();
    lower.append(...heading.childNodes);
    heading.replaceWith(lower);
  }
  return fragment;
}
