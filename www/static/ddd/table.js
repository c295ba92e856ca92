// Rows as a table. Values are only ever set as text.

import { addressFrom, digitsOf, isIdentifier, number, shown, titleOf } from "./text.js";

const ROWS_SHOWN = 300;
const LONG_TEXT = 28; // letters; longer ones may break into lines
const COLUMNS_OF_PHONE = 3; // that many fit beside each other

// columns: names in order; links: addresses by column; sort: "column" or "-column"; onSort makes the heads of `sorts` buttons.
export function createTable({ panel, rows, columns, links = {}, places, sort = "", sorts = new Set(), onSort }) {
  const table = element("table", { className: "list" });
  table.append(element("caption", { className: "visually-hidden", textContent: panel.title }));
  const head = table.createTHead().insertRow();
  const numbers = new Map(columns.filter((column) => isNumeric(column, rows)).map((column) => [column, digitsOf(column, rows.map((row) => row[column]))]));
  const longOnes = new Set(columns.filter((column) => column !== "link" && rows.some((row) => String(row[column] ?? "").length > LONG_TEXT)));
  if (columns.length > COLUMNS_OF_PHONE || longOnes.size > 1) table.classList.add("wide");
  for (const column of columns) {
    const cell = element("th", { scope: "col", className: numbers.has(column) ? "number" : "" });
    if (sorts.has(column)) headButton(cell, column, panel, sort, onSort);
    else cell.textContent = titleOf(panel, column);
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of sorted(rows, sort)) {
    const line = body.insertRow();
    for (const column of columns) {
      const cell = line.insertCell();
      if (longOnes.has(column)) cell.className = "long";
      if (/_(at|date)$/.test(column)) cell.className = "when";
      cell.dataset.label = titleOf(panel, column); // shown where each row is a block, on a phone
      fillCell(cell, column, row, numbers, links, places);
    }
  }
  return table;
}

// A chart's rows, for readers who want or need them.
export function fillTable(place, panel, rows, places) {
  place.replaceChildren();
  if (!rows.length) {
    place.textContent = "No rows.";
    return;
  }
  place.append(createTable({ panel, rows: rows.slice(0, ROWS_SHOWN), columns: Object.keys(rows[0]), places }));
  if (rows.length > ROWS_SHOWN) {
    place.append(element("p", { className: "quiet", textContent: `The first ${ROWS_SHOWN} of ${number(rows.length)} rows; the CSV has all.` }));
  }
}

function headButton(cell, column, panel, sort, onSort) {
  const isSorted = sort.replace("-", "") === column;
  const isFalling = isSorted && sort.startsWith("-");
  if (isSorted) cell.setAttribute("aria-sort", isFalling ? "descending" : "ascending");
  const button = element("button", { type: "button", className: "sort", textContent: titleOf(panel, column) });
  button.dataset.column = column;
  button.append(element("span", { className: "arrow", ariaHidden: "true", textContent: isSorted ? (isFalling ? "▼" : "▲") : "" }));
  button.addEventListener("click", () => onSort(isSorted && !isFalling ? `-${column}` : column));
  cell.append(button);
}

function fillCell(cell, column, row, numbers, links, places) {
  const value = row[column];
  const isEmpty = value === null || value === undefined || value === "";
  if (numbers.has(column)) cell.className = "number";
  const address = isEmpty ? "" : linkOf(column, row, links, places);
  const text = !isEmpty && /^(server_)?task_id$/.test(column) ? `T${value}` : address && column === "link" ? lastPart(value) : shown(column, value, numbers.get(column));
  if (address) cell.append(element("a", { href: address, textContent: text }));
  else cell.textContent = text;
}

function linkOf(column, row, links, places) {
  if (links[column]) return addressFrom(links[column], row, places.root);
  if (column === "link") return /^https?:\/\//.test(row[column]) ? row[column] : "";
  const prefix = { task_id: places.task, server_task_id: places.server, version: places.train }[column];
  return prefix ? prefix + encodeURIComponent(row[column]) : "";
}

// Of a long address what tells it from others: https://gerrit.example.org/r/c/one/two/+/123 is 123.
function lastPart(address) {
  return address.replace(/[,?].*$/, "").split("/").filter(Boolean).at(-1);
}

function isNumeric(column, rows) {
  return !isIdentifier(column) && !/^(is|has)_/.test(column) && rows.some((row) => typeof row[column] === "number");
}

function sorted(rows, sort) {
  const column = sort.replace("-", "");
  if (!column || !(column in (rows[0] ?? {}))) return rows;
  const direction = sort.startsWith("-") ? -1 : 1;
  const isMissing = (row) => row[column] === null || row[column] === "";
  return [...rows].sort((one, other) => {
    if (isMissing(one) || isMissing(other)) return isMissing(one) - isMissing(other); // last, either way
    const [left, right] = [one[column], other[column]];
    const order = typeof left === "number" && typeof right === "number" ? left - right : String(left).localeCompare(String(right), "en", { numeric: true });
    return order * direction;
  });
}

export function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
