import { useEffect, useRef } from "react";
import "@/features/storage/preview/markdown.css";
import { render } from "@/features/storage/preview/render-markdown";

/** Markdown as harmless nodes, with formulas. */
export function Markdown({ text, picture }: { text: string; picture?: (name: string) => string | undefined }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let current = true;
    const { fragment, formulas } = renderWithFormulas(text, picture);
    box.current?.replaceChildren(fragment);
    if (formulas.length > 0) {
      void import("./formulas").then(({ draw }) => {
        if (current) for (const { element, tex, block } of formulas) draw(element, tex, block);
      });
    }
    return () => {
      current = false;
    };
  }, [text, picture]);
  return <div ref={box} className="markdown nb-markdown wrap-anywhere" />;
}

interface Formula {
  element: HTMLElement;
  tex: string;
  block: boolean;
}

// Characters of the private use area: nobody writes them, and Markdown leaves them alone.
const OPEN = "\ue0f0";
const CLOSE = "\ue0f1";
const FORMULA =
  /(```[\s\S]*?(?:```|$)|`[^`\n]*`)|\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\]|\\\(([\s\S]+?)\\\)|(?<![\\$\w])\$(?![\s$])([^$\n`]*?[^\s\\$`])\$(?![\d$])|(\\begin\{(equation|align|gather)\*?\}[\s\S]+?\\end\{\7\*?\})/g;

/** Takes formulas out before Markdown would read them as emphasis, and puts elements for them in their places. */
export function renderWithFormulas(text: string, picture?: (name: string) => string | undefined) {
  const found: { tex: string; block: boolean }[] = [];
  const marked = text
    .replaceAll(/[\ue0f0\ue0f1]/g, "")
    .replace(FORMULA, (all, code, two, square, round, one, environment) => {
      if (code !== undefined) return all;
      const tex = two ?? square ?? round ?? one ?? environment;
      found.push({ tex, block: round === undefined && one === undefined });
      return `${OPEN}${found.length - 1}${CLOSE}`;
    });
  const fragment = render(marked, picture);
  const formulas: Formula[] = [];
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) texts.push(walker.currentNode as Text);
  for (const node of texts) {
    const parts = node.data.split(/\ue0f0(\d+)\ue0f1/);
    if (parts.length === 1) continue;
    node.replaceWith(
      ...parts.map((part, at) => {
        const formula = at % 2 === 1 ? found[Number(part)] : undefined;
        if (!formula) return part;
        const element = document.createElement("span");
        element.className = formula.block ? "nb-formula nb-formula-block" : "nb-formula";
        element.textContent = formula.tex;
        formulas.push({ element, ...formula });
        return element;
      }),
    );
  }
  return { fragment, formulas };
}
