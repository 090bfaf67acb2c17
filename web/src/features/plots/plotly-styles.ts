// Plotly writes its style sheet by script, which a strict content security policy forbids, unless this element
// says that the page has it already.

import "./plotly.css";

const sign = document.createElement("meta");
sign.id = "plotly.js-style-global";
sign.className = "no-inline-styles";
document.head.append(sign);

// It also writes `style` attributes of what it draws, which such a policy forbids too, where the same declarations set
// through the object model are allowed.
SVGElement.prototype.setAttribute = function setAttribute(this: SVGElement, name: string, value: string) {
  if (name === "style") this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
};
