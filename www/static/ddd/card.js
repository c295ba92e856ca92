// One chart's card: loading, drawn, empty or failed, with its table, links and images.

import { count, describe, draw } from "./chart.js";
import { fetchRows, queryAddress } from "./data.js";
import { element, fillTable } from "./table.js";

const PAUSE_MS = 150;

export function createCard(figure, chart, definition, change) {
  const place = figure.querySelector(".drawing");
  const details = figure.querySelector("details.rows");
  const images = [...figure.querySelectorAll("[data-image]")];
  let current = null; // what is drawn: rows, parameters, the embedded view

  details.addEventListener("toggle", showTable);
  onWidthChange(place, redraw);
  for (const button of images) button.addEventListener("click", () => download(button.dataset.image));

  async function load(parameters, project, signal) {
    busy(true);
    linkTo(parameters);
    try {
      const rows = await fetchRows(chart.url, parameters, signal);
      if (rows.some((row) => row[chart.empty.field])) await show(rows, parameters);
      else await showEmpty(parameters, project, signal);
    } catch (error) {
      if (error.name === "AbortError") return;
      showMessage("error", [error.message], [["Try again", () => load(parameters, project, signal)]]);
    }
    busy(false);
  }

  async function show(rows, parameters) {
    clear();
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", describe(chart, rows));
    const stage = element("div", { className: "stage" });
    place.append(stage);
    const embedded = await draw(stage, chart, rows, { ...parameters, task_url_prefix: definition.task_url_prefix });
    current = { rows, parameters, embedded };
    for (const button of images) button.hidden = false;
    const limit = figure.querySelector(".limit");
    if (limit) {
      limit.hidden = !chart.row_limit || rows.length < chart.row_limit;
      limit.textContent = `Only the newest ${count(rows.length, "task")} of this range are drawn.`;
    }
    showTable();
  }

  async function showEmpty(parameters, project, signal) {
    const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
    const { empty } = chart;
    const named = { ...parameters, project: project.project_path };
    const rows = empty.query ? await fetchRows(definition.queries[empty.query], parameters, signal) : [];
    const sentences = [fill(empty.text, named), fill(rows.length ? empty.found : empty.nothing, { ...named, ...rows[0] })];
    const choices = rows.map((row) => [row.label, () => change(pick(row, parameters))]);
    showMessage("empty", sentences.filter(Boolean), choices);
  }

  function showMessage(kind, sentences, choices) {
    clear();
    const message = element("div", { className: `message ${kind}` });
    if (kind === "error") message.setAttribute("role", "alert");
    for (const sentence of sentences) message.append(element("p", { textContent: sentence }));
    const line = element("p", { className: "choices" });
    for (const [text, act] of choices) {
      const button = element("button", { type: "button", className: "button", textContent: text });
      button.addEventListener("click", act);
      line.append(button);
    }
    if (choices.length) message.append(line);
    place.append(message);
  }

  function clear() {
    current?.embedded.finalize();
    current = null;
    place.replaceChildren(...place.querySelectorAll(".skeleton"));
    place.removeAttribute("role");
    place.removeAttribute("aria-label");
    for (const button of images) button.hidden = true;
    figure.querySelector(".rows-place").replaceChildren();
    const limit = figure.querySelector(".limit");
    if (limit) limit.hidden = true;
  }

  function busy(isBusy) {
    place.setAttribute("aria-busy", String(isBusy));
    place.querySelector(".skeleton").hidden = !isBusy || Boolean(current);
  }

  function linkTo(parameters) {
    figure.querySelector("[data-link=query]").href = queryAddress(chart.url, parameters);
    figure.querySelector("[data-link=csv]").href = queryAddress(chart.url, { ...parameters, _dl: "1" }, ".csv");
  }

  function showTable() {
    const rowsPlace = figure.querySelector(".rows-place");
    if (details.open) fillTable(rowsPlace, chart, current?.rows ?? [], definition.task_url_prefix);
  }

  async function download(kind) {
    const address = await current.embedded.view.toImageURL(kind, 2);
    element("a", { href: address, download: `${chart.name}.${kind}` }).click();
  }

  function redraw() {
    if (current) show(current.rows, current.parameters);
  }

  return { load, redraw };
}

function onWidthChange(place, act) {
  let width = place.clientWidth;
  let timer;
  new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (place.clientWidth !== width) act();
      width = place.clientWidth;
    }, PAUSE_MS);
  }).observe(place);
}

// Of a suggestion's row, the columns that are filters.
function pick(row, parameters) {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name in parameters));
}
