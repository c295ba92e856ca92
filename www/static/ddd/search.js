// The search field of every page: offers what fits while one types; "/" leads to it. Without it Enter shows the page.

import { createCombobox } from "./combobox.js";

const form = document.querySelector("form.find-all");
const input = form.querySelector("input");

createCombobox(input, form.querySelector("ul"), {
  keepsText: true,
  nothing: "Nothing fits. Enter shows what can be found.",
  options: async (text) => {
    if (!text) return [];
    const answer = await fetch(`${form.dataset.suggestions}?${new URLSearchParams({ q: text })}`);
    if (!answer.ok) throw new Error("The server could not answer.");
    return (await answer.json()).map((hit) => ({ ...hit, hint: hit.kind === "task" ? hit.hint.split(",")[0] : hit.kind }));
  },
  choose: (option) => location.assign(option.url),
});

addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input, select, textarea, [contenteditable]");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  input.focus();
});
