// The chart of a day that was tried: drawn as the dashboard of declared changes says, from rows that came with the page.

import { draw } from "./chart.js";
import { fetchJson } from "./data.js";

const place = document.querySelector("#tried");

async function show() {
  const definition = await fetchJson(place.dataset.definition);
  const chart = definition.panels.find((panel) => panel.name === "weeks");
  place.replaceChildren();
  await draw(place, chart, JSON.parse(place.dataset.rows), {});
  place.dataset.drawn = "";
  place.setAttribute("aria-busy", "false");
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
show().catch((error) => {
  place.textContent = error.message;
});
