// Draws one chart from rows that were fetched: nothing here computes a metric.

import { withMarks } from "./marks.js";
import { element } from "./table.js";
import { count, fill, number, titleOf } from "./text.js";
import { AXIS_EXTENT, NUMBER_FORMAT, TIME_FORMAT, vegaConfig, withTokens } from "./theme.js";

const AROUND_ROWS = 84; // legend and axis, in pixels

// Into a place, which may be no part of the page yet, as wide as is said.
export async function draw(place, width, chart, rows, parameters, changes = []) {
  if (!window.vegaEmbed) throw new Error("The chart library is missing. Run: make refresh");
  const specification = prepare(chart, rows, parameters, width, changes);
  const embedded = await window.vegaEmbed(place, specification, {
    actions: false,
    ast: true, // expressions are interpreted, so that no eval is needed
    config: vegaConfig(),
    defaultStyle: false,
    renderer: "svg",
    formatLocale: NUMBER_FORMAT,
    timeFormatLocale: TIME_FORMAT,
    tooltip: { disableDefaultStyle: true },
  });
  // How much room slanted names need is known when they are.
  if (JSON.stringify(chart.spec).includes("labelAngle")) await embedded.view.resize().runAsync();
  place.querySelector("svg")?.setAttribute("aria-hidden", "true"); // the figure says it in words, and has a table
  return embedded;
}

function prepare(chart, rows, parameters, width, changes) {
  const specification = withMarks(withTokens(withTitles(withoutEmptyLayers(structuredClone(chart.spec), rows), rows[0])), changes);
  specification.data = { name: "rows", values: rows };
  specification.params = (specification.params ?? []).map((parameter) =>
    parameter.name in parameters ? { ...parameter, value: parameters[parameter.name] } : parameter,
  );
  const inner = Math.max(120, width - AXIS_EXTENT - 12);
  if (specification.vconcat) {
    for (const part of specification.vconcat) part.width = inner;
  } else if (specification.facet) {
    Object.assign(specification.spec, { width: inner, height: chart.height });
  } else {
    const { step } = specification.height ?? {}; // so much for each row
    const height = step ? step * places(rows, specification.encoding.y.field) + AROUND_ROWS : chart.height;
    Object.assign(specification, { width, height, autosize: { type: "fit", contains: "padding" } });
  }
  const { minExtent = AXIS_EXTENT, maxExtent = minExtent } = specification.encoding?.y?.axis ?? {};
  fitLegends(specification, width - maxExtent);
  return specification;
}

// Of a layer that has no value in any row, such as comparable others where there are none, Vega could not tell the extent.
function withoutEmptyLayers(specification, rows) {
  const isEmpty = (column) => column in (rows[0] ?? {}) && rows.every((row) => row[column] === null);
  const layer = specification.layer?.filter((each) => !isEmpty(each.encoding?.y?.field));
  return layer?.length ? { ...specification, layer } : specification;
}

// Titles may name columns, such as {unit}, that are the same in every row.
function withTitles(part, row = {}) {
  if (Array.isArray(part)) return part.map((each) => withTitles(each, row));
  if (!part || typeof part !== "object") return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [
    key, key === "title" && typeof value === "string" ? fill(value, row) : withTitles(value, row),
  ]));
}

// How many places an axis has; of a column that the specification computes, one a row.
function places(rows, column) {
  return rows.some((row) => column in row) ? new Set(rows.map((row) => row[column])).size : rows.length;
}

const LETTER = 6.6;
const SYMBOL = 32; // and what parts entries, in pixels

// A legend in one row would be wider than a phone.
function fitLegends(part, width) {
  if (Array.isArray(part)) part.forEach((each) => fitLegends(each, width));
  else if (part && typeof part === "object") {
    for (const [channel, coded] of Object.entries(part)) {
      const entries = coded?.scale?.domain;
      if (["color", "shape"].includes(channel) && coded && coded.legend !== null && (coded.legend || Array.isArray(entries))) {
        const longest = Math.max(0, ...(entries ?? []).map((entry) => String(entry).length));
        const columns = Math.max(1, Math.floor(width / Math.max(105, longest * LETTER + SYMBOL)));
        coded.legend = { ...coded.legend, columns };
      }
      fitLegends(coded, width);
    }
  }
}

// What a person who does not see the chart is told.
export function describe(chart, rows) {
  const values = rows.map((row) => row[chart.y]).filter((value) => typeof value === "number");
  const name = titleOf(chart, chart.y);
  if (!values.length) return `${chart.title}: ${rows.length} rows without a value for ${name}.`;
  return (
    `${chart.title}, ${count(rows.length, "row")}${along(rows.map((row) => row[chart.x]))}. ${name}: ` +
    `lowest ${number(Math.min(...values))}, highest ${number(Math.max(...values))}. The table below has every value.`
  );
}

function along(values) {
  const texts = [...new Set(values.filter((value) => value !== null && value !== undefined))];
  const isNumber = texts.every((value) => typeof value === "number");
  const isDay = texts.every((value) => /^\d{4}-\d\d-\d\d/.test(value));
  if (isNumber || isDay) {
    const sorted = texts.sort((one, other) => (isNumber ? one - other : one < other ? -1 : 1));
    const ends = [sorted[0], sorted.at(-1)].map((end) => (isNumber ? number(end ?? 0) : String(end).slice(0, 10)));
    return ` from ${ends[0]} to ${ends[1]}`;
  }
  return texts.length <= 8 ? `: ${texts.join(", ")}` : "";
}

// What a click and a brush do, as the dashboard's YAML says under `select`; a declared change leads to its story.
export function listen(view, chart, { open, change, story }) {
  const { dates, open: address, ...fields } = chart.select;
  view.addEventListener("click", (_, item) => {
    if (story && item?.datum?.marked_day) location.assign(story + encodeURIComponent(item.datum.change_key));
  });
  if (address || Object.keys(fields).length) {
    view.addEventListener("click", (_, item) => {
      const row = item?.datum;
      if (!row || row.marked_day) return;
      if (address) open(address, row);
      const chosen = Object.entries(fields).filter(([, column]) => row[column] !== undefined && row[column] !== null);
      if (chosen.length) change(Object.fromEntries(chosen.map(([name, column]) => [name, String(row[column])])));
    });
  }
  if (dates) {
    let range = null;
    view.addSignalListener(dates, (_, value) => { [range = null] = Object.values(value ?? {}); });
    view.container().addEventListener("pointerup", () => setTimeout(() => {
      if (!range || range.length < 2) return;
      const [start, end] = range.map((moment) => new Date(moment).toISOString().slice(0, 10)).sort();
      if (start < end) change({ date_start: start, date_end: end });
    }));
  }
}

export async function downloadImage(view, name, kind) {
  const address = await view.toImageURL(kind, 2);
  element("a", { href: address, download: `${name}.${kind}` }).click();
}
