// A text field that offers what fits, after the ARIA pattern "editable combobox with list autocomplete".

import { element } from "./table.js";

const PAUSE_MS = 120;

// options(text) answers a promise of [{value, name, hint}]; choose(option) is called with what was taken. A field that
// keeps its text is a search: nothing is taken by Enter alone, which sends the form.
export function createCombobox(
  input,
  list,
  { options, choose, keepsText = false, nothing = "Nothing fits. Type part of a project's name." },
) {
  let shown = [];
  let active = -1;
  let chosenName = "";
  let timer;
  let asked = 0;

  async function open(text) {
    const mine = ++asked;
    let found;
    try {
      found = await options(text);
    } catch (error) {
      found = [];
      render(found, error.message);
      return;
    }
    if (mine !== asked || document.activeElement !== input) return;
    if (keepsText && !text) close();
    else render(found, nothing);
  }

  function render(found, otherwise) {
    shown = found;
    active = -1;
    list.replaceChildren(
      ...found.map((option, index) => {
        const line = element("li", { id: `${list.id}-${index}` });
        line.setAttribute("role", "option");
        line.setAttribute("aria-selected", "false");
        line.append(element("span", { className: "name", textContent: option.name }));
        if (option.hint) line.append(element("span", { className: "quiet", textContent: option.hint }));
        line.addEventListener("pointerdown", (event) => {
          event.preventDefault(); // keep the focus in the field
          take(index);
        });
        return line;
      }),
    );
    if (!found.length) list.append(element("li", { className: "nothing", textContent: otherwise }));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(-1);
  }

  function mark(index) {
    active = index;
    [...list.querySelectorAll("[role=option]")].forEach((line, place) => {
      line.setAttribute("aria-selected", String(place === index));
      if (place === index) line.scrollIntoView({ block: "nearest" });
    });
    if (index >= 0) input.setAttribute("aria-activedescendant", `${list.id}-${index}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function close() {
    clearTimeout(timer);
    asked += 1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    if (!keepsText) input.value = chosenName;
  }

  function take(index) {
    const option = shown[index];
    chosenName = option.name;
    close();
    choose(option);
  }

  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => list.hidden && open(keepsText ? input.value.trim() : ""));
  input.addEventListener("blur", close);
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => open(input.value.trim()), PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    const isOpen = !list.hidden;
    if (event.key === "ArrowDown" && !isOpen) open(keepsText ? input.value.trim() : "");
    else if (event.key === "ArrowDown") mark(Math.min(active + 1, shown.length - 1));
    else if (event.key === "ArrowUp" && isOpen) mark(Math.max(active - 1, 0));
    else if (event.key === "Enter" && keepsText && active < 0) return;
    else if (event.key === "Enter" && isOpen && shown.length) take(Math.max(active, 0));
    else if (event.key === "Escape" && isOpen) close();
    else if (event.key !== "Enter") return;
    event.preventDefault();
  });

  return {
    show(name) {
      chosenName = name;
      input.title = name;
      if (document.activeElement !== input || list.hidden) input.value = name;
    },
  };
}
