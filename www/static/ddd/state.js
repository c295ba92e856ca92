// The page's state lives in its address: tab, filters, the page's own inputs, sort. What is not there is the default.

const PERIODS = ["week", "month"];
const CHOICES = ["subtype", "priority", "pipeline", "environment", "concerned", "measure"];

export function createState(definition, tabs) {
  const base = {
    tab: tabs[0] ?? "",
    project: "all",
    period: definition.period,
    date_start: monthsBefore(definition.as_of_date, 12),
    date_end: definition.as_of_date,
    sort: "",
    ...Object.fromEntries(CHOICES.map((name) => [name, ""])),
    ...Object.fromEntries(definition.inputs.map((input) => [input.name, String(input.default)])),
  };
  const isValid = {
    tab: (text) => tabs.includes(text),
    period: (text) => PERIODS.includes(text),
    date_start: isDate,
    date_end: isDate,
    ...Object.fromEntries(definition.inputs.map((input) => [input.name, (text) => isWithin(input, text)])),
  };

  function read() {
    const given = new URLSearchParams(location.search);
    const state = { ...base };
    for (const name of Object.keys(base)) {
      const text = given.get(name);
      if (text && (isValid[name]?.(text) ?? true)) state[name] = text;
    }
    return state;
  }

  // The address of this page with some of its state changed.
  function addressOf(part) {
    const address = new URL(location.href);
    for (const [name, value] of Object.entries({ ...read(), ...part })) {
      if (value === base[name]) address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    return address.href;
  }

  function write(part) {
    const address = addressOf(part);
    if (address !== location.href) history.pushState(null, "", address);
  }

  return { base, read, write, addressOf };
}

export function isWithin(input, text) {
  const isRight = input.type === "date" ? isDate(text) : /^-?\d{1,9}$/.test(text);
  if (!isRight) return false;
  const value = input.type === "date" ? text : Number(text);
  return !(input.min !== null && value < input.min) && !(input.max !== null && value > input.max);
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
