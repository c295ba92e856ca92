// A dashboard page: the address is the state, the filters change it, every card shows it.

import { createCard } from "./card.js";
import { fetchJson, fetchRows } from "./data.js";
import { ALL_PROJECTS, createFilters } from "./filters.js";
import { defaults, readState, writeState } from "./state.js";

const form = document.querySelector("#filters");
const status = document.querySelector("#status");

async function start() {
  const definition = await fetchJson(form.dataset.definition);
  const base = defaults(definition.as_of_date);
  const filters = createFilters(form, definition, change);
  const cards = definition.charts.map((chart) =>
    createCard(document.querySelector(`[data-chart="${chart.name}"]`), chart, definition, change),
  );
  let loading = new AbortController();

  function change(part) {
    writeState({ ...readState(base), ...part }, base);
    show();
  }

  async function show() {
    loading.abort();
    loading = new AbortController();
    const { signal } = loading;
    const state = readState(base);
    try {
      const project = await chosenProject(definition, state.project, signal);
      filters.show(state, project);
      document.title = [definition.title, state.project === "all" ? "" : project.project_path, "Data³"].filter(Boolean).join(" · ");
      await Promise.all(cards.map((card) => card.load(state, project, signal)));
      if (!signal.aborted) {
        status.textContent = `Showing ${project.project_path} from ${state.date_start} to ${state.date_end} by ${state.period}.`;
      }
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  addEventListener("popstate", show);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => cards.forEach((card) => card.redraw()));
  await show();
}

async function chosenProject(definition, project, signal) {
  if (!definition.queries.project) return ALL_PROJECTS;
  const [row] = await fetchRows(definition.queries.project, { project }, signal).catch((error) => {
    if (error.name === "AbortError") throw error;
    return []; // the cards tell what is wrong
  });
  return { ...ALL_PROJECTS, ...row, project_path: row?.project_path ?? `Unknown project ${project}` };
}

start().catch((error) => {
  const message = document.createElement("p");
  message.className = "error-text";
  message.setAttribute("role", "alert");
  message.textContent = error.message;
  form.after(message);
  document.querySelectorAll(".skeleton").forEach((skeleton) => { skeleton.hidden = true; });
});
