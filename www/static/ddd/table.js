// A chart's rows as a table, for readers who want or need it. Values are only ever set as text.

import { number, titleOf } from "./chart.js";

const ROWS_SHOWN = 300;

export function fillTable(place, chart, rows, taskUrlPrefix) {
  place.replaceChildren();
  if (!rows.length) {
    place.textContent = "No rows.";
    return;
  }
  const columns = Object.keys(rows[0]);
  const table = element("table", { className: "list" });
  table.append(element("caption", { className: "visually-hidden", textContent: chart.title }));
  const head = table.createTHead().insertRow();
  for (const column of columns) {
    const isNumber = rows.some((row) => typeof row[column] === "number") && column !== "task_id";
    head.append(element("th", { scope: "col", textContent: titleOf(chart, column), className: isNumber ? "number" : "" }));
  }
  const body = table.createTBody();
  for (const row of rows.slice(0, ROWS_SHOWN)) {
    const line = body.insertRow();
    for (const column of columns) fillCell(line.insertCell(), column, row[column], taskUrlPrefix);
  }
  place.append(table);
  if (rows.length > ROWS_SHOWN) {
    place.append(element("p", { className: "quiet", textContent: `The first ${ROWS_SHOWN} of ${number(rows.length)} rows; the CSV has all.` }));
  }
}

function fillCell(cell, column, value, taskUrlPrefix) {
  if (column === "task_id" && value !== null) {
    cell.append(element("a", { href: taskUrlPrefix + encodeURIComponent(value), textContent: `T${value}` }));
  } else if (typeof value === "number") {
    cell.className = "number";
    cell.textContent = number(value);
  } else {
    cell.textContent = value ?? "";
  }
}

export function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
