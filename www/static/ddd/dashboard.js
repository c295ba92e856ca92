// A dashboard page: the address is the state, tabs, filters and inputs change it, every panel shows it.

import { createCard } from "./card.js";
import { createChoices } from "./choices.js";
import { fetchJson, fetchRows } from "./data.js";
import { ALL_PROJECTS, createFilters } from "./filters.js";
import { createInputs } from "./inputs.js";
import { createMarks } from "./marks.js";
import { createState } from "./state.js";
import { createTabs } from "./tabs.js";

const form = document.querySelector("#filters");
const status = document.querySelector("#status");
const heading = document.title;

async function start() {
  const definition = await fetchJson(form.dataset.definition);
  const tabs = createTabs(document.querySelector("[role=tablist]"), { addressOf: (part) => state.addressOf(part), change });
  const state = createState(definition, tabs.names);
  const filters = createFilters(form, definition, change);
  const choices = createChoices(form, definition, change);
  const inputs = createInputs(definition, change);
  const marksFor = createMarks(definition);
  const cards = definition.panels.map((panel) => ({
    tab: panel.tab,
    ...createCard(document.querySelector(`[data-panel="${panel.name}"]`), panel, definition, change, marksFor),
  }));
  let showing = new AbortController();

  function change(part) {
    state.write(part);
    show();
  }

  async function show() {
    showing.abort();
    showing = new AbortController();
    const { signal } = showing;
    const wanted = { ...state.read(), subject: form.dataset.subject };
    tabs.show(wanted.tab);
    inputs.show(wanted);
    showFiltersOf(definition.panels.filter((panel) => panel.tab === wanted.tab));
    const project = chosenProject(definition, wanted.project, signal);
    project.catch(() => {}); // an aborted one
    try {
      const full = await choices.resolve(wanted, signal);
      const loads = cards.filter((card) => card.tab === wanted.tab).map((card) => {
        card.arrange(wanted.sort);
        return card.load(full, project);
      });
      await Promise.all([project.then((row) => name(wanted, row)), ...loads]);
      if (!signal.aborted) status.textContent = said(definition, wanted, await project);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  function name(wanted, project) {
    filters.show(wanted, project);
    const isWhole = wanted.project === "all" || !definition.filters.includes("project");
    document.title = isWhole ? heading : heading.replace(" · ", ` · ${project.project_path} · `);
  }

  addEventListener("popstate", show);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => cards.forEach((card) => card.redraw()));
  await show();
}

// Only the filters that one of these panels asks for.
function showFiltersOf(panels) {
  const asked = new Set(panels.flatMap((panel) => panel.parameters));
  for (const field of form.querySelectorAll("[data-narrows]")) {
    field.hidden = !field.dataset.narrows.split(" ").some((name) => asked.has(name));
  }
}

async function chosenProject(definition, project, signal) {
  if (!definition.queries.project) return ALL_PROJECTS;
  const [row] = await fetchRows(definition.queries.project, { project }, signal).catch((error) => {
    if (error.name === "AbortError") throw error;
    return []; // the panels tell what is wrong
  });
  const unknown = project === "all" ? ALL_PROJECTS.project_path : `Unknown project ${project}`;
  return { ...ALL_PROJECTS, ...row, project_path: row?.project_path ?? unknown };
}

// What a person who does not see the page change is told.
function said({ filters }, state, project) {
  const has = (name) => filters.includes(name);
  const parts = [
    has("project") ? project.project_path : "everything",
    has("dates") ? `from ${state.date_start} to ${state.date_end}` : "",
    has("period") ? `by ${state.period}` : "",
  ];
  return `Showing ${parts.filter(Boolean).join(" ")}.`;
}

start().catch((error) => {
  const message = document.createElement("p");
  message.className = "error-text";
  message.setAttribute("role", "alert");
  message.textContent = error.message;
  form.after(message);
  document.querySelectorAll(".skeleton").forEach((skeleton) => { skeleton.hidden = true; });
});
