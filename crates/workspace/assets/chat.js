"use strict";
const el = (id) => document.getElementById(id);
const [talk, text, model, note, send, stop] = ["talk", "text", "model", "note", "send", "stop"].map(el);
const xsrf = document.body.dataset.xsrf;
let messages = [];
let under = null;

// What a model says is text, and stays text: only fences of code are set apart.
function show(into, words) {
  into.replaceChildren();
  words.split(/^```.*$/m).forEach((part, n) => {
    if (n % 2) {
      const pre = document.createElement("pre");
      pre.textContent = part.replace(/^\n|\n$/g, "");
      into.append(pre);
    } else into.append(n ? part.replace(/^\n/, "") : part);
  });
}

function turn(role, words) {
  const article = document.createElement("article");
  article.className = role;
  show(article, words);
  talk.append(article);
  talk.scrollTop = talk.scrollHeight;
  return article;
}

function busy(is) {
  send.hidden = is;
  stop.hidden = !is;
  note.textContent = is ? "The model answers…" : "";
}

async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    rest += value;
    const parts = rest.split("\n");
    rest = parts.pop();
    for (const part of parts) if (part) yield JSON.parse(part);
  }
}

async function ask(words) {
  messages.push({ role: "user", content: words });
  turn("user", words);
  busy(true);
  under = new AbortController();
  let said = "";
  let article = null;
  try {
    const answer = await fetch("answer", {
      method: "POST", signal: under.signal,
      headers: { "Content-Type": "application/json", "X-XSRFToken": xsrf },
      body: JSON.stringify({ model: model.value || undefined, messages }),
    });
    if (!answer.ok) throw new Error((await answer.json()).detail ?? `${answer.status}`);
    for await (const piece of lines(answer.body)) {
      if (piece.error) throw new Error(piece.error);
      if (piece.text) {
        said += piece.text;
        article ??= turn("assistant", "");
        const below = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 80;
        show(article, said);
        if (below) talk.scrollTop = talk.scrollHeight;
      }
    }
  } catch (error) {
    if (error.name !== "AbortError") turn("error", error.message);
  }
  if (said) messages.push({ role: "assistant", content: said });
  else messages.pop();
  busy(false);
  text.focus();
}

el("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (!words || !stop.hidden) return;
  text.value = "";
  ask(words);
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    el("form").requestSubmit();
  }
});
stop.addEventListener("click", () => under?.abort());
el("new").addEventListener("click", () => {
  under?.abort();
  messages = [];
  talk.replaceChildren();
  text.focus();
});
fetch("models").then(async (answer) => {
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  for (const name of told.models) model.add(new Option(name, name, false, name === told.chosen));
}).catch((error) => { note.textContent = error.message; });
