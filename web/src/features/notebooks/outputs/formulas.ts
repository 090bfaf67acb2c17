// LaTeX as MathML, which browsers draw by themselves: no fonts and no styles of a library.

import temml from "temml";

export function draw(element: HTMLElement, tex: string, block: boolean): void {
  try {
    temml.render(tex, element, {
      displayMode: block,
      throwOnError: true,
      trust: false,
      maxExpand: 300,
      maxSize: [20, 20],
    });
  } catch (error) {
    element.textContent = tex;
    element.classList.add("nb-formula-wrong");
    element.title = error instanceof Error ? error.message : "this formula can't be read";
  }
}
