// Values as people read them; nothing here is ever put into a page as HTML.

export function number(value) {
  return value.toLocaleString("en", { maximumFractionDigits: 2, signDisplay: "negative" }); // no -0
}

function oneDigit(value) {
  return value.toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

export function count(value, noun) {
  return `${value.toLocaleString("en")} ${noun}${value === 1 ? "" : "s"}`;
}

// What a column's values look like, told by its name (docs/naming.md).
export function shown(column, value) {
  if (value === null || value === undefined) return "";
  if (/^(is|has)_/.test(column)) return value ? "yes" : "no";
  if (column.endsWith("_share") && typeof value === "number") {
    return value.toLocaleString("en", { style: "percent", maximumFractionDigits: 1 });
  }
  if (column.endsWith("_at")) return String(value).slice(0, 16).replace("T", " ");
  if (typeof value !== "number" || isIdentifier(column)) return String(value);
  return /_(days|hours)$/.test(column) && !Number.isInteger(value) ? oneDigit(value) : number(value);
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
