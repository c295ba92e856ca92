// The page's state lives in its address: project, period, date_start, date_end. What is not there is the default.

export function defaults(asOfDate) {
  return { project: "all", period: "week", date_start: monthsBefore(asOfDate, 12), date_end: asOfDate };
}

export function readState(base) {
  const given = new URLSearchParams(location.search);
  const state = { ...base };
  if (given.get("project")) state.project = given.get("project");
  if (["week", "month"].includes(given.get("period"))) state.period = given.get("period");
  for (const name of ["date_start", "date_end"]) {
    if (isDate(given.get(name))) state[name] = given.get(name);
  }
  return state;
}

export function writeState(state, base) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(state)) {
    if (value === base[name]) address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
  if (address.href !== location.href) history.pushState(null, "", address);
}

export function isDate(text) {
  return /^\d{4}-\d\d-\d\d$/.test(text ?? "") && !Number.isNaN(Date.parse(text));
}

export function monthsBefore(day, months) {
  const date = new Date(`${day}T00:00:00Z`);
  const dayOfMonth = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - months);
  const lastOfMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(dayOfMonth, lastOfMonth));
  return date.toISOString().slice(0, 10);
}
