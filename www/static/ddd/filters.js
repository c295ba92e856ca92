// The filter bar: shows the state, and says how it is to change.

import { createCombobox } from "./combobox.js";
import { fetchRows } from "./data.js";
import { isDate, monthsBefore } from "./state.js";
import { count } from "./text.js";

export const ALL_PROJECTS = { project_path: "All projects", first_date: null };

export function createFilters(form, definition, change) {
  const input = form.querySelector("#project");
  const projects = input && createCombobox(input, form.querySelector("#project-options"), {
    options: (text) => projectOptions(definition.queries.projects, text),
    choose: (option) => change({ project: option.value }),
  });
  const dates = [...form.querySelectorAll("input[type=date]")];
  const ranges = [...form.querySelectorAll("[data-months]")];
  const periods = [...form.querySelectorAll("[name=period]")];
  let shown = { state: {}, project: ALL_PROJECTS };

  form.addEventListener("submit", (event) => event.preventDefault());
  for (const field of dates) {
    field.addEventListener("change", () => {
      const [start, end] = dates.map((each) => each.value);
      const isRange = isDate(start) && isDate(end) && start <= end;
      dates[1].setCustomValidity(isRange ? "" : "Choose a last day that is not before the first.");
      if (isRange) change({ date_start: start, date_end: end });
      else dates[1].reportValidity();
    });
  }
  for (const button of ranges) {
    button.addEventListener("click", () => change(range(button.dataset.months)));
  }
  for (const field of periods) field.addEventListener("change", () => change({ period: field.value }));

  function range(months) {
    const end = definition.as_of_date;
    const first = shown.project.first_date ?? monthsBefore(end, 12);
    return { date_start: months === "all" ? first : monthsBefore(end, Number(months)), date_end: end };
  }

  return {
    show(state, project) {
      shown = { state, project };
      projects?.show(project.project_path);
      for (const field of dates) {
        field.value = state[field.name];
        field.setCustomValidity("");
      }
      for (const field of periods) field.checked = field.value === state.period;
      for (const button of ranges) {
        const { date_start, date_end } = range(button.dataset.months);
        const isPressed = date_start === state.date_start && date_end === state.date_end;
        button.setAttribute("aria-pressed", String(isPressed));
      }
    },
  };
}

async function projectOptions(url, text) {
  const rows = await fetchRows(url, { q: text });
  const found = rows.map((row) => ({
    value: row.project_phid,
    name: row.project_path,
    hint: row.is_archived ? "archived" : count(row.open_tasks_count + row.closed_tasks_count, "task"),
  }));
  const all = { value: "all", name: ALL_PROJECTS.project_path };
  return "all projects".includes(text.toLowerCase()) ? [all, ...found] : found;
}
