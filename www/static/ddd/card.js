// One panel: loading, shown, empty or failed, with its table, links and images. It is fetched with the others
// of its tab, and drawn when it is seen.

import { describe, downloadImage, draw, listen } from "./chart.js";
import { fetchRows, queryAddress } from "./data.js";
import { createFigures } from "./figures.js";
import { describeMarks } from "./marks.js";
import { onPrint, onWidthChange } from "./resizing.js";
import { createTable, element, fillTable } from "./table.js";
import { addressFrom, count, fill } from "./text.js";

const SEEN_MARGIN = "300px";

export function createCard(figure, panel, definition, change, marksFor) {
  const place = figure.querySelector(".drawing");
  const details = figure.querySelector("details.rows");
  const images = [...figure.querySelectorAll("[data-image]")];
  const { places } = definition;
  let asked = ""; // the parameters of what is shown or on its way
  let loading = new AbortController();
  let current = null; // rows and parameters, and the embedded view once it is drawn
  let isSeen = false;
  let sort = "";

  details?.addEventListener("toggle", showRows);
  onWidthChange(place, () => redraw());
  for (const button of images) button.addEventListener("click", () => downloadImage(current.embedded.view, panel.name, button.dataset.image));
  new IntersectionObserver((entries) => {
    isSeen = entries.at(-1).isIntersecting; // the newest of those that came at once
    if (isSeen) drawNow();
  }, { rootMargin: SEEN_MARGIN }).observe(place);
  onPrint(redraw);

  // project is a promise of the chosen project's row.
  async function load(state, project) {
    const chosen = { ...state, sort: isSortedByQuery(sort) ? sort : "" };
    const parameters = Object.fromEntries(panel.parameters.map((name) => [name, chosen[name] ?? ""]));
    linkTo(parameters, state);
    const key = JSON.stringify(parameters);
    if (key === asked) return;
    asked = key;
    loading.abort();
    loading = new AbortController();
    const { signal } = loading;
    busy(true);
    try {
      const [rows, changes] = await Promise.all([fetchRows(panel.url, parameters, signal), marksFor(panel, state)]);
      if (signal.aborted) return;
      const isEmpty = !rows.some((row) => !panel.empty.field || row[panel.empty.field]);
      if (isEmpty) await showEmpty(state, await project, signal);
      else await show(rows, state, changes);
    } catch (error) {
      if (error.name === "AbortError") return;
      asked = "";
      showMessage("error", [error.message], [["Try again", () => load(state, project)]]);
    }
    busy(false);
  }

  async function show(rows, state, changes) {
    const focused = focusedHead();
    clear();
    current = { rows, state, changes, embedded: null };
    const limit = figure.querySelector(".limit");
    limit.hidden = !panel.row_limit || rows.length < panel.row_limit;
    const more = panel.sorts?.length ? "narrow it, or sort it by another column, to see others" : "narrow it to see the others";
    limit.textContent = `Only the first ${count(rows.length, "row")} of this choice are shown; ${more}.`;
    if (panel.kind === "chart") {
      place.setAttribute("role", "img");
      place.setAttribute("aria-label", describe(panel, rows) + describeMarks(changes));
      showRows();
      if (isSeen) await drawNow();
    } else {
      place.append(panel.kind === "table" ? region(rows) : createFigures(panel, rows[0], places, change));
      place.dataset.drawn = "";
      focusHead(focused);
    }
  }

  // What was drawn before stays until the new one is there.
  async function drawNow(width = place.clientWidth) {
    if (!current || panel.kind !== "chart" || current.embedded || current.isDrawing || !place.clientWidth) return;
    const mine = current;
    mine.isDrawing = true;
    const stage = element("div", { className: "stage" });
    try {
      mine.embedded = await draw(stage, width, panel, mine.rows, { ...mine.state, task_url_prefix: places.task }, mine.changes);
    } catch (error) {
      if (mine === current) showMessage("error", [error.message], []);
      return;
    }
    mine.isDrawing = false;
    if (mine !== current) {
      mine.embedded.finalize();
      return;
    }
    place.querySelectorAll(".stage").forEach((old) => old.remove());
    place.append(stage);
    listen(mine.embedded.view, panel, { change, story: places.change, open: follow });
    for (const button of images) button.hidden = false;
    place.dataset.drawn = "";
  }

  // What stands for no single task, such as a line, leads nowhere.
  function follow(template, row) {
    const address = addressFrom(template, row, places.root);
    if (address) location.assign(address);
  }

  function region(rows) {
    const box = element("div", { className: "scroll", tabIndex: 0 });
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", panel.title);
    const offered = panel.shown.length ? panel.shown : Object.keys(rows[0]);
    const columns = offered.filter((column) => hasSomething(column, rows) && (column !== "server_task_id" || places.server));
    // Of more rows than these, sorting these by what the query cannot sort by would not find the first ones.
    const isCut = panel.sorts.length && rows.length >= panel.row_limit;
    const sorts = new Set(isCut ? panel.sorts : columns);
    const onSort = (column) => change({ sort: `${panel.name}.${column}` });
    const shownSort = sorts.has(columnOf(sort)) ? sort : "";
    box.append(createTable({ panel, rows, columns, links: panel.links, places, sort: shownSort, sorts, onSort }));
    return box;
  }

  // The address says by which column a table is sorted; where its query sorts, it is asked again.
  function arrange(wanted) {
    const [name, column] = wanted.split(".", 2);
    const next = name === panel.name ? column : "";
    if (panel.kind !== "table" || next === sort) return;
    const isAskedAgain = isSortedByQuery(next) || isSortedByQuery(sort);
    sort = next;
    if (!current || isAskedAgain) return;
    const focused = focusedHead();
    place.querySelector(".scroll").replaceWith(region(current.rows));
    focusHead(focused);
  }

  function isSortedByQuery(wanted) {
    return panel.kind === "table" && panel.sorts.includes(columnOf(wanted));
  }

  function focusedHead() {
    return place.querySelector("button.sort:focus")?.dataset.column;
  }

  function focusHead(column) {
    if (column) place.querySelector(`button.sort[data-column="${column}"]`)?.focus();
  }

  async function showEmpty(state, project, signal) {
    const { empty } = panel;
    const named = { ...state, project: project.project_path };
    const rows = empty.query ? await fetchRows(definition.queries[empty.query], state, signal) : [];
    const sentences = [fill(empty.text, named), fill(rows.length ? empty.found : empty.nothing, { ...named, ...rows[0] })];
    const choices = rows.filter((row) => row.label).map((row) => [row.label, () => change(pick(row, state))]);
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
    place.dataset.drawn = "";
  }

  function clear() {
    current?.embedded?.finalize();
    current = null;
    place.replaceChildren(...place.querySelectorAll(".skeleton"));
    place.removeAttribute("role");
    place.removeAttribute("aria-label");
    delete place.dataset.drawn;
    for (const button of images) button.hidden = true;
    figure.querySelector(".rows-place")?.replaceChildren();
    figure.querySelector(".limit").hidden = true;
  }

  function busy(isBusy) {
    place.setAttribute("aria-busy", String(isBusy));
    place.querySelector(".skeleton").hidden = !isBusy || Boolean(current);
  }

  function linkTo(parameters, state) {
    figure.querySelector("[data-link=query]").href = queryAddress(panel.url, parameters);
    figure.querySelector("[data-link=csv]").href = queryAddress(panel.url, { ...parameters, _dl: "1" }, ".csv");
    const ignored = definition.narrowing.filter((name) => state[name] && state[name] !== "all" && !(name in parameters));
    const note = figure.querySelector(".not-narrowed");
    note.hidden = !ignored.length;
    note.textContent = `Not narrowed by ${ignored.join(" and ")}: this is measured for all of them together.`;
  }

  function showRows() {
    if (details?.open) fillTable(figure.querySelector(".rows-place"), panel, current?.rows ?? [], places);
  }

  // With a width it is drawn whether it is seen or not.
  function redraw(width) {
    if (!current || panel.kind !== "chart") return;
    current.embedded?.finalize();
    current = { ...current, embedded: null, isDrawing: false };
    if (width || isSeen) drawNow(width);
  }

  return { load, arrange, redraw };
}

function columnOf(sort) {
  return sort.replace("-", "");
}

// A column without any value says nothing.
function hasSomething(column, rows) {
  return rows.some((row) => row[column] !== null && row[column] !== undefined && row[column] !== "");
}

// Of a suggestion's row, the columns that are part of the state.
function pick(row, state) {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name in state).map(([name, value]) => [name, String(value)]));
}
