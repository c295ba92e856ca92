// A few large numbers out of one row, each with what it is compared with.

import { element } from "./table.js";
import { addressFrom, shown, titleOf, written } from "./text.js";

// change sets what an address such as "?tab=flow" says, and keeps the rest of the page's state.
export function createFigures(panel, row, places, change) {
  const list = element("dl", { className: "figures" });
  for (const [column, figure] of Object.entries(panel.figures)) {
    if (figure.optional && row[column] === null) continue;
    const label = figure.label || titleOf(panel, column);
    const item = element("div", { className: "figure" });
    const term = element("dt", {});
    const address = figure.link && addressFrom(figure.link, row, places.root);
    const link = element("a", { href: address, textContent: label });
    if (address.startsWith("?")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        change(Object.fromEntries(new URLSearchParams(address)));
      });
    }
    term.append(address ? link : label);
    const value = element("dd", { className: "value", textContent: row[column] === null ? "–" : large(column, row[column]) });
    if (figure.unit && row[column] !== null) value.append(element("span", { className: "unit", textContent: ` ${figure.unit}` }));
    item.append(term, value);
    if (figure.before) item.append(comparison(column, figure, row));
    list.append(item);
  }
  return list;
}

// Measured days and hours have one digit after the point, also where it is 0; what is 0 or large has none.
function large(column, value) {
  if (typeof value !== "number" || /^(is|has)_|_share$/.test(column)) return shown(column, value);
  const isMeasured = /_(days|hours)$/.test(column) && value !== 0;
  const most = Math.abs(value) < 100 ? 1 : 0;
  return written(value, { minimumFractionDigits: isMeasured ? most : 0, maximumFractionDigits: most });
}

function comparison(column, figure, row) {
  const [now, before] = [row[column], row[figure.before]];
  const place = element("dd", { className: "comparison" });
  if (typeof now !== "number") return place;
  if (typeof before !== "number") {
    place.textContent = `nothing to compare with ${figure.since}`;
    return place;
  }
  const change = now - before;
  const direction = change > 0 ? "more" : "less";
  const sign = change ? { more: "▲", less: "▼" }[direction] : "=";
  const judged = change && figure.better ? (figure.better === direction ? "good" : "bad") : "";
  place.append(
    element("span", { className: `sign ${judged}`, ariaHidden: "true", textContent: sign }),
    ` ${change ? direction : "the same"}${change ? " than" : " as"} ${large(column, before)} ${figure.since}`,
  );
  return place;
}
