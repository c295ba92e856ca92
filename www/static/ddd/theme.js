// Charts take their colours and type from the tokens in ddd.css, so that light and dark are said once.

export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// In a specification, "var(--name)" stands for the token's present value.
export function withTokens(part) {
  if (typeof part === "string") return part.replace(/^var\((--[\w-]+)\)$/, (_, name) => token(name));
  if (Array.isArray(part)) return part.map(withTokens);
  if (part && typeof part === "object") {
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, withTokens(value)]));
  }
  return part;
}

export const AXIS_EXTENT = 38;

// Short months, and the same ones for every visitor: days read 2026-01-31 everywhere else.
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

export const NUMBER_FORMAT = { decimal: ".", thousands: ",", grouping: [3], currency: ["$", ""], percent: "\u00a0%" };

export const TIME_FORMAT = {
  dateTime: "%Y-%m-%d %H:%M",
  date: "%Y-%m-%d",
  time: "%H:%M",
  periods: ["AM", "PM"],
  days: DAYS,
  shortDays: DAYS,
  months: MONTHS,
  shortMonths: MONTHS,
};

export function vegaConfig() {
  const ink = token("--ink");
  const quiet = token("--quiet");
  const font = getComputedStyle(document.body).fontFamily;
  return {
    aria: false, // the figure has a text alternative and a table
    background: token("--surface"),
    font,
    view: { stroke: null },
    axis: {
      domainColor: token("--line"),
      gridColor: token("--grid"),
      tickColor: token("--line"),
      labelColor: quiet,
      labelFontSize: 12,
      titleColor: quiet,
      titleFontSize: 12,
      titleFontWeight: 400,
    },
    axisX: { grid: false, labelOverlap: true, labelFlush: true, tickCount: 8 },
    axisY: {
      domain: false,
      ticks: false,
      tickCount: 5,
      minExtent: AXIS_EXTENT,
      maxExtent: AXIS_EXTENT,
      titleAngle: 0,
      titleAlign: "left",
      titleAnchor: "end",
      titleBaseline: "bottom",
      titleX: -AXIS_EXTENT,
      titleY: -6,
    },
    legend: {
      labelColor: ink,
      labelFontSize: 12,
      symbolStrokeWidth: 3,
      orient: "top",
      offset: 22, // above the title of the vertical axis
      labelLimit: 180,
      titleColor: quiet,
      titleFontSize: 12,
      titleFontWeight: 400,
    },
    header: { labelColor: ink, labelFontSize: 12, labelFontWeight: 600, labelLimit: 400 },
    range: { category: Array.from({ length: 8 }, (_, index) => token(`--flow-${index + 1}`)) },
    style: {
      "period-bar": { color: token("--count"), stroke: token("--surface"), strokeWidth: 0.75 },
      "count-bar": { color: token("--quiet-bar"), stroke: token("--surface"), strokeWidth: 0.75 },
      "two-sided": { stroke: token("--surface"), strokeWidth: 0.75, opacity: 0.75 },
      wip: { color: token("--wip"), strokeWidth: 2.5 },
      pile: { color: token("--count"), fillOpacity: 0.25 },
      change: { color: token("--change"), strokeWidth: 1.5, strokeDash: [5, 3] },
      "change-head": { color: token("--change"), size: 70, opacity: 1 },
      settled: { color: token("--change"), strokeWidth: 1, strokeDash: [2, 4] },
      fitted: { color: token("--trend"), strokeWidth: 2.5 },
      control: { color: token("--quiet"), strokeWidth: 1.5, strokeDash: [4, 4] },
      limit: { color: token("--quiet"), strokeWidth: 1, strokeDash: [4, 3] },
      centre: { color: token("--quiet"), strokeWidth: 1.5 },
      "quiet-line": { color: token("--quiet-bar"), strokeWidth: 1.5 },
      marker: { strokeWidth: 1, strokeDash: [2, 3] },
      span: { strokeWidth: 6, strokeCap: "round" },
      trend: { color: token("--trend"), strokeWidth: 2.5 },
      percentile: { strokeWidth: 2 },
      "percentile-band": { fillOpacity: 0.16 },
      "percentile-edge": { strokeWidth: 3 },
      "percentile-line": { strokeWidth: 1.25, strokeDash: [6, 4] },
      dot: { color: token("--dot"), opacity: 0.6, size: 30 },
      between: { fillOpacity: 0.18 },
      "end-label": { color: ink, fontSize: 12 },
      "flow-point": { color: ink, stroke: token("--surface"), strokeWidth: 1, size: 50 },
      hover: { color: ink },
    },
    point: { size: 20, filled: true },
  };
}
