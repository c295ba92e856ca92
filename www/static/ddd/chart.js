// Draws one chart from rows that were fetched: nothing here computes a metric.

import { AXIS_EXTENT, TIME_FORMAT, vegaConfig, withTokens } from "./theme.js";

export async function draw(place, chart, rows, parameters) {
  if (!window.vegaEmbed) throw new Error("The chart library is missing. Run: make refresh");
  const specification = prepare(chart, rows, parameters, place.clientWidth);
  return window.vegaEmbed(place, specification, {
    actions: false,
    ast: true, // expressions are interpreted, so that no eval is needed
    config: vegaConfig(),
    defaultStyle: false,
    renderer: "svg",
    timeFormatLocale: TIME_FORMAT,
    tooltip: { disableDefaultStyle: true },
  });
}

function prepare(chart, rows, parameters, width) {
  const specification = withTokens(structuredClone(chart.spec));
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
    Object.assign(specification, { width, height: chart.height, autosize: { type: "fit", contains: "padding" } });
  }
  fitLegends(specification, width);
  return specification;
}

// A legend in one row would be wider than a phone.
function fitLegends(part, width) {
  if (Array.isArray(part)) part.forEach((each) => fitLegends(each, width));
  else if (part && typeof part === "object") {
    if (part.legend) part.legend.columns = Math.max(2, Math.floor(width / 130));
    Object.values(part).forEach((each) => fitLegends(each, width));
  }
}

// What a person who does not see the chart is told.
export function describe(chart, rows) {
  const values = rows.map((row) => row[chart.y]).filter((value) => typeof value === "number");
  const name = titleOf(chart, chart.y);
  if (!values.length) return `${chart.title}: ${rows.length} rows without a value for ${name}.`;
  const days = rows.map((row) => String(row[chart.x]).slice(0, 10)).sort();
  return (
    `${chart.title}, ${count(rows.length, "row")} from ${days[0]} to ${days.at(-1)}. ${name}: ` +
    `lowest ${number(Math.min(...values))}, highest ${number(Math.max(...values))}. The table below has every value.`
  );
}

export function titleOf(chart, column) {
  return chart.columns[column] ?? (column[0].toUpperCase() + column.slice(1)).replaceAll("_", " ");
}

export function number(value) {
  return value.toLocaleString("en", { maximumFractionDigits: 2 });
}

export function count(value, noun) {
  return `${value.toLocaleString("en")} ${noun}${value === 1 ? "" : "s"}`;
}
