// Filters that are lists: each is filled by a query with what is there, its first row holds unless another is chosen.

import { fetchRows } from "./data.js";
import { element } from "./table.js";

// What these lists offer depends on the ones before them: a change of the first forgets the second.
const DEPENDS = { environment: "pipeline", measure: "concerned" };
// Where nothing is chosen, queries take these as "all" by themselves; the others wait for their first row.
const HAS_ALL = new Set(["subtype", "priority"]);

export function createChoices(form, definition, change) {
  const lists = Object.entries(definition.choices).map(([name, url]) => ({ name, url, select: form.querySelector(`#${name}`) }));
  for (const { name, select } of lists) {
    select.addEventListener("change", () => {
      const isFirst = select.selectedIndex === 0;
      const dependents = Object.keys(DEPENDS).filter((each) => DEPENDS[each] === name);
      change({ [name]: isFirst ? "" : select.value, ...Object.fromEntries(dependents.map((each) => [each, ""])) });
    });
  }

  async function fillOne({ name, url, select }, state, signal) {
    const rows = await fetchRows(url, state, signal).catch((error) => {
      if (error.name === "AbortError") throw error;
      return []; // the panels tell what is wrong
    });
    const options = rows.map((row) => element("option", { value: row.value, textContent: row.label ?? row.value }));
    const isKnown = !state[name] || rows.some((row) => String(row.value) === state[name]);
    if (!isKnown) options.push(element("option", { value: state[name], textContent: `${state[name]} (none here)` }));
    select.replaceChildren(...options);
    select.value = state[name] || (rows[0]?.value ?? "");
    return select.value;
  }

  // The state with what holds where nothing was chosen.
  async function resolve(state, signal) {
    const full = { ...state };
    const waiting = [];
    for (const list of lists) {
      if (HAS_ALL.has(list.name)) waiting.push(fillOne(list, state, signal));
      else full[list.name] = await fillOne(list, full, signal);
    }
    for (const one of waiting) one.catch(() => {}); // aborted: newer ones are on their way
    return full;
  }

  return { resolve };
}
