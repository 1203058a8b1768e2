// The pictures of a report: the profile, lows by the hour and a day.

import { line, svg, text } from "./svg.js";

const QUARTERS = 96;
const HOURS = 24;
const LOWEST = 40;
const HIGHEST = 350;
const WIDTH = 720;
const LEFT = 44;

/**
 * The ambulatory glucose profile.
 * @param {any} report
 * @param {import("./locale.js").Locale} locale
 */
export function profilePicture({ profile, low_mg_dl: low, high_mg_dl: high }, locale) {
  const height = 250;
  const x = (/** @type {number} */ quarter) => LEFT + (quarter / QUARTERS) * (WIDTH - LEFT);
  const y = (/** @type {number} */ value) => scale(value, height);
  const around = (/** @type {string} */ key) => {
    const values = profile[`${key}_mg_dl`];
    return [...values, values[0]];
  };
  const [p5, p25, p50, p75, p95] = ["p5", "p25", "p50", "p75", "p95"].map(around);
  const limits = [...new Set([54, low, high, 250])];
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${height + 18}`, class: "wide", role: "img", "aria-label": locale.say("profile") },
    svg("rect", { x: LEFT, y: y(high), width: WIDTH - LEFT, height: y(low) - y(high), fill: "var(--in)", opacity: 0.14 }),
    ...area(p5, p95, x, y, 0.22),
    ...area(p25, p75, x, y, 0.42),
    svg("path", { d: curve(p50, x, y), fill: "none", stroke: "var(--median)", "stroke-width": 2.5 }),
    ...limits.map((value) =>
      svg("path", { d: `M${LEFT} ${y(value)}H${WIDTH}`, stroke: value === low || value === high ? "var(--in)" : "var(--line)", "stroke-width": 1.2 }),
    ),
    ...limits.map((value) => text(locale.glucoseNumber(value), LEFT - 6, y(value) + 4, { "text-anchor": "end" })),
    ...hourTicks(locale, height),
  );
}

/**
 * Which share of each hour is below the range, and very low.
 * @param {any} report
 * @param {import("./locale.js").Locale} locale
 */
export function lowsPicture(report, locale) {
  const height = 90;
  const below = report.below_range_by_hour_percent;
  const veryLow = report.very_low_by_hour_percent;
  const most = Math.max(5, ...below.filter((/** @type {number | null} */ share) => share !== null));
  const wide = (WIDTH - LEFT) / HOURS;
  const bar = (/** @type {number | null} */ share, /** @type {number} */ hour, /** @type {string} */ colour) =>
    share
      ? svg("rect", { x: LEFT + hour * wide + 2, y: height - (share / most) * (height - 12), width: wide - 4, height: (share / most) * (height - 12), fill: colour })
      : null;
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${height + 18}`, class: "wide", role: "img", "aria-label": locale.say("lows") },
    ...below.map((/** @type {number | null} */ share, /** @type {number} */ hour) => bar(share, hour, "var(--low)")),
    ...veryLow.map((/** @type {number | null} */ share, /** @type {number} */ hour) => bar(share, hour, "var(--very-low)")),
    svg("path", { d: `M${LEFT} ${height}H${WIDTH}`, stroke: "var(--line)" }),
    text(`${locale.number(most, 0)} %`, LEFT - 6, 16, { "text-anchor": "end" }),
    text("0 %", LEFT - 6, height, { "text-anchor": "end" }),
    ...hourTicks(locale, height),
  );
}

/**
 * A day's glucose, small.
 * @param {any} day
 * @param {any} report
 * @param {import("./locale.js").Locale} locale
 */
export function dayPicture({ day, glucose_mg_dl: values }, { low_mg_dl: low, high_mg_dl: high }, locale) {
  const width = 96;
  const height = 44;
  const x = (/** @type {number} */ quarter) => quarter + 0.5;
  const y = (/** @type {number} */ value) => scale(value, height);
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${locale.say("glucose")} ${day}` },
    svg("rect", { x: 0, y: y(high), width, height: y(low) - y(high), fill: "var(--in)", opacity: 0.18 }),
    svg("path", { d: curve(values, x, y), fill: "none", stroke: "var(--ink)", "stroke-width": 1.2, "stroke-linecap": "round" }),
  );
}

/**
 * @param {number} value in mg/dL; what is beyond the picture is drawn at its edge
 * @param {number} height
 */
const scale = (value, height) => Math.round(height * (1 - (Math.min(HIGHEST, Math.max(LOWEST, value)) - LOWEST) / (HIGHEST - LOWEST)) * 100) / 100;

/**
 * A line that stops where nothing is known.
 * @param {(number | null)[]} values
 * @param {(quarter: number) => number} x
 * @param {(value: number) => number} y
 */
function curve(values, x, y) {
  return runs(values)
    .map((run) => line(run.length > 1 ? run.map(([quarter, value]) => [x(quarter), y(value)]) : [[x(run[0][0]) - 0.5, y(run[0][1])], [x(run[0][0]) + 0.5, y(run[0][1])]]))
    .join("");
}

/**
 * What lies between two lines, piece by piece where both are known.
 * @param {(number | null)[]} lower
 * @param {(number | null)[]} upper
 * @param {(quarter: number) => number} x
 * @param {(value: number) => number} y
 * @param {number} opacity
 */
const area = (lower, upper, x, y, opacity) =>
  runs(lower).map((run) => {
    /** @type {[number, number][]} */
    const there = run.map(([quarter, value]) => [x(quarter), y(value)]);
    /** @type {[number, number][]} */
    const back = run.map(([quarter]) => [x(quarter), y(/** @type {number} */ (upper[quarter]))]);
    return svg("path", { d: `${line([...there, ...back.reverse()])}Z`, fill: "#2a7fb8", opacity });
  });

/**
 * Neighbours that are known, with their places.
 * @param {(number | null)[]} values
 * @returns {[number, number][][]}
 */
function runs(values) {
  /** @type {[number, number][][]} */
  const found = [];
  values.forEach((value, quarter) => {
    if (value === null) return;
    if (!quarter || values[quarter - 1] === null || !found.length) found.push([]);
    found[found.length - 1].push([quarter, value]);
  });
  return found;
}

/**
 * @param {import("./locale.js").Locale} locale
 * @param {number} height
 */
function hourTicks(locale, height) {
  const format = new Intl.DateTimeFormat(locale.language, {
    ...locale._cycle(),
    ...(locale._twelve ? { hour: "numeric" } : { hour: "2-digit", minute: "2-digit" }),
    timeZone: "UTC",
  });
  return [0, 3, 6, 9, 12, 15, 18, 21].map((hour) =>
    text(format.format(hour * 3_600_000), LEFT + (hour / HOURS) * (WIDTH - LEFT), height + 14, { "text-anchor": hour ? "middle" : "start" }),
  );
}
