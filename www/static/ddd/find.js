// Finds entries of a long page by their words, opens the one that the address names. Without it all are there.

const form = document.querySelector("form.find");
const input = form.querySelector("input");
const entries = [...document.querySelectorAll(form.dataset.find)];
const found = document.querySelector("#found");
const nothing = document.querySelector("#nothing-found");
const openAll = form.querySelector("[data-open-all]");
const noun = found.textContent.replace(/^[\d,\s]+/, "");

openAll.hidden = false;
input.value = new URLSearchParams(location.search).get("find") ?? "";
form.addEventListener("submit", (event) => event.preventDefault());
input.addEventListener("input", () => {
  const address = new URL(location.href);
  if (input.value) address.searchParams.set("find", input.value);
  else address.searchParams.delete("find");
  history.replaceState(null, "", address);
  show();
});
openAll.addEventListener("click", () => {
  const shown = entries.filter((entry) => !entry.hidden);
  const isOpening = shown.some((entry) => !entry.open);
  for (const entry of shown) entry.open = isOpening;
  openAll.textContent = isOpening ? "Close all" : "Open all";
});
document.querySelector("[data-clear]").addEventListener("click", () => {
  input.value = "";
  input.dispatchEvent(new Event("input"));
  input.focus();
});
addEventListener("hashchange", openNamed);

function show() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const entry of entries) {
    const text = entry.textContent.toLowerCase();
    entry.hidden = !words.every((word) => text.includes(word));
    if (!entry.hidden) count += 1;
  }
  for (const section of document.querySelectorAll("section.topic")) {
    section.hidden = ![...section.querySelectorAll(form.dataset.find)].some((entry) => !entry.hidden);
  }
  found.textContent = words.length ? `${count} of ${entries.length} ${noun}` : `${entries.length} ${noun}`;
  nothing.hidden = count > 0;
}

function openNamed() {
  const named = entries.find((entry) => `#${entry.id}` === location.hash);
  if (!named) return;
  named.hidden = false;
  named.open = true;
  named.scrollIntoView();
}

show();
openNamed();
