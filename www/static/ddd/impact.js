// The chart of a day that was tried: drawn as the dashboard of declared changes says, from rows that came with the page.

import { draw } from "./chart.js";
import { fetchJson } from "./data.js";
import { onPrint, onWidthChange } from "./resizing.js";
import { element } from "./table.js";

const place = document.querySelector("#tried");
const rows = JSON.parse(place.dataset.rows);

async function show(chart, width = place.clientWidth) {
  const stage = element("div", { className: "stage" });
  await draw(stage, width, chart, rows, {});
  place.replaceChildren(stage);
  place.dataset.drawn = "";
  place.setAttribute("aria-busy", "false");
}

async function start() {
  const definition = await fetchJson(place.dataset.definition);
  const chart = definition.panels.find((panel) => panel.name === "weeks");
  await show(chart);
  onPrint((width) => show(chart, width));
  onWidthChange(place, () => show(chart));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(chart));
}

start().catch((error) => {
  place.textContent = error.message;
});
