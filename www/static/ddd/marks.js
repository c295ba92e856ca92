// Marks of declared changes on charts of time: a rule on the day, its title under the pointer. No dashboard asks for
// them: whatever has an axis of days gets those that concern what it shows.

import { fetchRows } from "./data.js";

const REACH = 9; // pixels in which the pointer finds a rule

// A function that gives the changes within the chosen days, for one panel. A chart without marks beats none: errors are none.
export function createMarks(definition) {
  const known = new Map();
  return (panel, state) => {
    if (!definition.marks || !panel.marked) return Promise.resolve([]);
    const subject = {
      project: state.project,
      pipeline: `${state.pipeline}/${state.environment}`,
      train: "train/production",
    }[panel.marked];
    const subject_kind = panel.marked === "project" ? "project" : "pipeline";
    const key = `${subject_kind} ${subject}`;
    if (!known.has(key)) {
      known.set(key, fetchRows(definition.marks, { subject_kind, subject }).catch(() => {
        known.delete(key);
        return [];
      }));
    }
    return known.get(key).then((changes) => changes.flatMap(daysOf).filter((one) => isWithin(one.marked_day, state)));
  };
}

function isWithin(day, state) {
  return day >= (state.date_start || "") && day <= (state.date_end || "9999");
}

// A change that was taken back is marked twice.
function daysOf(change) {
  const on = (day, what) => ({ ...change, marked_day: day, on: day, what }); // Vega reads the first one as a time
  const begun = on(change.started_date, change.title);
  return change.ended_date ? [begun, on(change.ended_date, `Ended: ${change.title}`)] : [begun];
}

// The specification with a layer of marks in each part that has an axis of days.
export function withMarks(specification, changes) {
  if (!changes.length) return specification;
  if (specification.vconcat) {
    const parts = specification.vconcat.map((part, place) => marked(part, changes, place === 0));
    return { ...specification, vconcat: parts };
  }
  if (specification.facet) return { ...specification, spec: marked(specification.spec, changes, true) };
  return marked(specification, changes, true);
}

function marked(part, changes, hasHead) {
  const x = [part, ...(part.layer ?? [])].map((one) => one.encoding?.x).find((one) => one?.type === "temporal");
  if (!x) return part;
  const day = { field: "marked_day", type: "temporal", title: null, ...(x.scale ? { scale: x.scale } : {}), ...("axis" in x ? { axis: x.axis } : {}) };
  const layers = layersOf(day, changes, hasHead, Object.keys(part.encoding ?? {}));
  if (part.layer) return { ...part, layer: [...part.layer, ...layers] };
  // One mark becomes the first of several; what its reader selects stays with it.
  const { mark, encoding, params = [], ...rest } = part;
  const [own, shared] = [params.filter((one) => one.select), params.filter((one) => !one.select)];
  const first = { mark, encoding, ...(own.length ? { params: own } : {}) };
  return { ...rest, ...(shared.length ? { params: shared } : {}), layer: [first, ...layersOf(day, changes, hasHead, [])] };
}

function layersOf(day, changes, hasHead, inherited) {
  const data = { values: changes };
  const tooltip = [
    { field: "what", type: "nominal", title: "Change" },
    { field: "on", type: "nominal", title: "On" },
  ];
  const alone = Object.fromEntries(inherited.map((channel) => [channel, null]));
  const encoding = { ...alone, x: day, tooltip };
  const rule = { data, mark: { type: "rule", clip: true, style: "change" }, encoding: { ...alone, x: day } };
  const reach = { data, mark: { type: "rule", clip: true, strokeWidth: REACH, opacity: 0, cursor: "pointer" }, encoding };
  const head = { data, mark: { type: "point", shape: "triangle-down", filled: true, style: "change-head", cursor: "pointer" }, encoding: { ...encoding, y: { value: 4 } } };
  return hasHead ? [rule, reach, head] : [rule, reach];
}

// What a person who does not see the marks is told.
export function describeMarks(changes) {
  if (!changes.length) return "";
  return ` Declared changes: ${changes.map((one) => `${one.marked_day} ${one.what}`).join("; ")}.`;
}
