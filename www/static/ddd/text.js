// Values as people read them; nothing here is ever put into a page as HTML.

export function number(value) {
  return written(value, { maximumFractionDigits: 2 });
}

function withDigits(value, digits) {
  return written(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

// With a real minus sign, as sentences have it, and none before 0.
export function written(value, options) {
  return value.toLocaleString("en", { ...options, signDisplay: "negative" }).replace("-", "−");
}

// As ddd.wording says it: 92 %, 8.8 %.
export function percent(share) {
  const text = withDigits(100 * share, share > 0 && share < 0.1 ? 1 : 0);
  return `${text.replace(/\.0$/, "")}\u00a0%`;
}

export function count(value, noun) {
  return `${value.toLocaleString("en")} ${noun}${value === 1 ? "" : "s"}`;
}

// What a column's values look like, told by its name (docs/naming.md).
// digits: after the point; so many for all numbers of a column, that they stand below each other.
export function shown(column, value, digits) {
  if (value === null || value === undefined) return "";
  if (/^(is|has)_/.test(column)) return value ? "yes" : "no";
  if (column.endsWith("_share") && typeof value === "number") return percent(value);
  if (column.endsWith("_p_value") && typeof value === "number") return value < 0.001 ? "< 0.001" : value.toFixed(3);
  if (column.endsWith("_at")) return String(value).slice(0, 16).replace("T", " ");
  if (typeof value !== "number" || isIdentifier(column)) return String(value);
  return withDigits(value, digits ?? digitsOf(column, [value]));
}

// One after the point for days and hours that are measured, at most two for other fractions, none where all are whole.
export function digitsOf(column, values) {
  const fractions = values.filter((value) => typeof value === "number" && !Number.isInteger(value));
  if (!fractions.length) return 0;
  if (/_(days|hours)$/.test(column)) return 1;
  return Math.max(...fractions.map((value) => (String(Math.round(Math.abs(value) * 100) / 100).split(".")[1] ?? "").length));
}

export function isIdentifier(column) {
  return column === "task_id" || column.endsWith("_id");
}

export function titleOf(panel, column) {
  return panel.columns[column] ?? (column[0].toUpperCase() + column.slice(1)).replaceAll("_", " ");
}

// A sentence or a title with `{name}` filled in.
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

// An address of this server, from a template whose `{column}` are filled in; nothing where one has no value.
export function addressFrom(template, values, root) {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
  if (names.some((name) => (values[name] ?? "") === "")) return "";
  const address = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name]));
  return address.startsWith("?") ? address : root + address.slice(1);
}
