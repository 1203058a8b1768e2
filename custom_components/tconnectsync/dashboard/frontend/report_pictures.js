// The pictures of a report: the profile, lows by the hour and a day.

import { VERY_HIGH, VERY_LOW } from "./glucose_bands.js";
import { fixed, line, svg, text } from "./svg.js";

const QUARTERS = 96;
/** In the order of their lines, the uppermost first. */
const PERCENTILES = [95, 75, 50, 25, 5];
const BLUE = "#2a7fb8";
const HOURS = 24;
const LOWEST = 40;
const HIGHEST = 350;
const LEFT = 36;
/** What the names of the lines need beside them. */
const RIGHT = 34;
const TEXT_HEIGHT = 11;
const LOWEST_PICTURE = 180;
const HIGHEST_PICTURE = 280;
const GRID_HOURS = 3;
/** Below this width only every other hour of the grid has room for its name. */
const NARROW = 520;

/**
 * The ambulatory glucose profile.
 * @param {any} report
 * @param {LaterLocale} locale
 * @param {number} width in pixels
 */
export function profilePicture({ profile, low_mg_dl: low, high_mg_dl: high }, locale, width) {
  const height = Math.round(Math.min(HIGHEST_PICTURE, Math.max(LOWEST_PICTURE, width / 4)));
  const right = width - RIGHT;
  const x = (/** @type {number} */ quarter) => LEFT + (quarter / QUARTERS) * (right - LEFT);
  const y = (/** @type {number} */ value) => scale(value, height);
  const around = (/** @type {string} */ key) => {
    const values = profile[`${key}_mg_dl`];
    return [...values, values[0]];
  };
  const [p5, p25, p50, p75, p95] = ["p5", "p25", "p50", "p75", "p95"].map(around);
  const limits = [...new Set([VERY_HIGH, high, low, VERY_LOW])].sort((one, other) => other - one);
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height + 18}`, role: "img", "aria-label": locale.say("profile") },
    svg("rect", { x: LEFT, y: y(high), width: right - LEFT, height: y(low) - y(high), fill: "var(--in)", opacity: 0.14 }),
    ...grid(LEFT, right, height),
    ...area(p5, p95, x, y, { fill: BLUE, opacity: 0.22 }),
    ...area(p25, p75, x, y, { fill: BLUE, opacity: 0.42 }),
    ...limits.map((value) =>
      svg("path", { d: `M${LEFT} ${y(value)}H${right}`, stroke: value === low || value === high ? "var(--in)" : "var(--line)", "stroke-width": 1.2 }),
    ),
    svg("path", { d: curve(p50, x, y), fill: "none", stroke: "var(--median)", "stroke-width": 2.5 }),
    ...names(limits, limits, y).map(([value, at]) => text(locale.glucoseNumber(value), LEFT - 6, at + 4, { "text-anchor": "end" })),
    ...names(PERCENTILES, [p95, p75, p50, p25, p5].map((values) => values[QUARTERS]), y).map(([percent, at]) => text(`${percent} %`, right + 4, at + 4)),
    ...hourTicks(locale, LEFT, right, height),
  );
}

/**
 * Where the name of each line stands, the uppermost first, one below the other.
 * @param {number[]} lines their names
 * @param {(number | null)[]} values where they are
 * @param {(value: number) => number} y
 * @returns {[number, number][]} name and place
 */
function names(lines, values, y) {
  /** @type {[number, number][]} */
  const found = [];
  values.forEach((value, index) => {
    if (value === null) return;
    const above = found[found.length - 1]?.[1] ?? -Infinity;
    found.push([lines[index], Math.max(y(value), above + TEXT_HEIGHT)]);
  });
  return found;
}

/**
 * Which share of each hour is below the range, and very low.
 * @param {any} report
 * @param {LaterLocale} locale
 * @param {number} width in pixels
 */
export function lowsPicture(report, locale, width) {
  const height = 72;
  const right = width - RIGHT;
  const below = report.below_range_by_hour_percent;
  const veryLow = report.very_low_by_hour_percent;
  const most = Math.max(5, ...below.filter((/** @type {number | null} */ share) => share !== null));
  const wide = (right - LEFT) / HOURS;
  const tall = (/** @type {number} */ share) => (share / most) * (height - 12);
  const bar = (/** @type {number | null} */ share, /** @type {number} */ hour, /** @type {string} */ colour) =>
    share ? svg("rect", { x: LEFT + hour * wide + wide / 16, y: height - tall(share), width: (wide * 7) / 8, height: tall(share), fill: colour }) : null;
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height + 18}`, role: "img", "aria-label": locale.say("lows") },
    ...grid(LEFT, right, height),
    ...below.map((/** @type {number | null} */ share, /** @type {number} */ hour) => bar(share, hour, "var(--low)")),
    ...veryLow.map((/** @type {number | null} */ share, /** @type {number} */ hour) => bar(share, hour, "var(--very-low)")),
    svg("path", { d: `M${LEFT} ${height}H${right}`, stroke: "var(--line)" }),
    text(`${locale.number(most, 0)} %`, LEFT - 6, 16, { "text-anchor": "end" }),
    text("0 %", LEFT - 6, height, { "text-anchor": "end" }),
    ...hourTicks(locale, LEFT, right, height),
  );
}

/**
 * A day's glucose, small.
 * @param {any} day
 * @param {any} report
 * @param {LaterLocale} locale
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
    ...area(limited(values, () => high), limited(values, (value) => Math.max(value, high)), x, y, { fill: "var(--high)" }),
    ...area(limited(values, (value) => Math.min(value, low)), limited(values, () => low), x, y, { fill: "var(--low)" }),
    svg("path", { d: curve(values, x, y), fill: "none", stroke: "var(--ink)", "stroke-width": 1.2, "stroke-linecap": "round" }),
  );
}

/**
 * @param {(number | null)[]} values
 * @param {(value: number) => number} change
 */
const limited = (values, change) => values.map((value) => (value === null ? null : change(value)));

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
 * @param {Record<string, unknown>} look
 */
const area = (lower, upper, x, y, look) =>
  runs(lower).map((run) => {
    /** @type {[number, number][]} */
    const there = run.map(([quarter, value]) => [x(quarter), y(value)]);
    /** @type {[number, number][]} */
    const back = run.map(([quarter]) => [x(quarter), y(/** @type {number} */ (upper[quarter]))]);
    return svg("path", { d: `${line([...there, ...back.reverse()])}Z`, ...look });
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
 * Upright lines at some hours.
 * @param {number} left
 * @param {number} right
 * @param {number} height
 */
const grid = (left, right, height) =>
  hours(GRID_HOURS).map((hour) => svg("path", { d: `M${hourPlace(hour, left, right)} 0V${height}`, stroke: "var(--line)", opacity: 0.6 }));

/**
 * @param {LaterLocale} locale
 * @param {number} left
 * @param {number} right
 * @param {number} height
 */
function hourTicks(locale, left, right, height) {
  const format = new Intl.DateTimeFormat(locale.language, {
    ...locale._cycle(),
    ...(locale._twelve ? { hour: "numeric" } : { hour: "2-digit", minute: "2-digit" }),
    timeZone: "UTC",
  });
  const every = right - left < NARROW ? 2 * GRID_HOURS : GRID_HOURS;
  return hours(every).map((hour) =>
    text(format.format(hour * 3_600_000), hourPlace(hour, left, right), height + 14, { "text-anchor": hour ? (hour === HOURS ? "end" : "middle") : "start" }),
  );
}

/** @param {number} every so many */
const hours = (every) => Array.from({ length: HOURS / every + 1 }, (_, index) => index * every);

/**
 * @param {number} hour
 * @param {number} left
 * @param {number} right
 */
const hourPlace = (hour, left, right) => fixed(left + (hour / HOURS) * (right - left));
