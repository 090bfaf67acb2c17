"use strict";
const here = document.body.dataset;
const say = (text) => { document.getElementById("said").textContent = text; };
document.querySelectorAll("button[data-order]").forEach((button) => {
  button.addEventListener("click", async () => {
    button.disabled = true;
    const { name, order } = button.dataset;
    const url = `${here.prefix}api/services/${name}/${order}`;
    try {
      const answer = await fetch(url, { method: "POST", headers: { "X-XSRFToken": here.xsrf } });
      if (!answer.ok) throw new Error(`${answer.status}`);
      setTimeout(() => location.reload(), 700);
    } catch (error) {
      say(`${name} could not be told to ${order}: ${error.message}`);
      button.disabled = false;
    }
  });
});
if (here.busy === "yes") setTimeout(() => location.reload(), 3000);
