// Plotly writes its style sheet by script, which a strict content security policy forbids, unless this element
// says that the page has it already.

import "./plotly.css";

const sign = document.createElement("meta");
sign.id = "plotly.js-style-global";
sign.className = "no-inline-styles";
document.head.append(sign);
