// Glucose against the target range, coloured by the band in which it lies.

import { VERY_HIGH, VERY_LOW } from "../levels.js";
import { linear } from "../scales.js";
import { dots, fixed, line, svg, text } from "../svg.js";

const LOWEST = 40;
const USUAL_TOP = 250;
const NEXT_TOP = 300;
const HIGHEST = 400;
const MINUTE = 60_000;
const JOINED = 12 * MINUTE;

/**
 * Where the sensor could put no number, the edge of what it can tell.
 * @param {import("../data.js").Reading} reading
 */
export function shownGlucose({ value, state }) {
  if (value !== null) return value;
  if (state === "low") return LOWEST;
  return state === "high" ? HIGHEST : null;
}

/**
 * The scale of glucose (mg/dL): the same on most days, so that days can be compared.
 * @param {import("../layout.js").Strip} strip
 * @param {Iterable<number>} values
 * @param {number} high
 */
export function glucoseScale(strip, values, high) {
  let most = high + 20;
  for (const value of values) if (value > most) most = value;
  const top = [USUAL_TOP, NEXT_TOP].find((top) => most <= top) ?? HIGHEST;
  return linear([LOWEST, top], [strip.bottom, strip.top]);
}

/**
 * The target range with its limits, and lines above it.
 * @param {{layout: import("../layout.js").Layout, locale: import("../locale.js").Locale,
 *   limits: {low: number, high: number}}} drawing
 * @param {import("../scales.js").Scale} y
 */
export function targetRange({ layout, locale, limits }, y) {
  const { left, right, font, glucose } = layout;
  const group = svg("g", { class: "target", "aria-hidden": "true" });
  group.append(
    svg("rect", {
      class: "range",
      x: left,
      width: right - left,
      y: fixed(y(limits.high)),
      height: fixed(y(limits.low) - y(limits.high)),
    }),
  );
  const label = (/** @type {number} */ value, /** @type {string} */ kind) =>
    group.append(
      svg("line", { class: kind, x1: left, x2: right, y1: fixed(y(value)), y2: fixed(y(value)) }),
      text(locale.glucoseNumber(value), left - font * 0.5, y(value) + font * 0.35, { "text-anchor": "end", class: kind }),
    );
  label(limits.low, "limit");
  label(limits.high, "limit");
  const every = (locale.inMmol ? 5 : 100) * locale.glucoseOne;
  for (let value = every; y(value) >= glucose.top - 1; value += every) {
    const near = Math.min(...[limits.low, limits.high].map((limit) => Math.abs(y(limit) - y(value))));
    if (near > font * 1.4 && y(value) < glucose.bottom) label(value, "grid");
  }
  return group;
}

/**
 * A colour for each height: very low, low, in range, high, very high.
 * @param {string} id
 * @param {import("../layout.js").Strip} strip
 * @param {import("../scales.js").Scale} y
 * @param {{low: number, high: number}} limits
 */
export function glucoseColours(id, strip, y, limits) {
  const share = (/** @type {number} */ value) => (y(value) - strip.top) / (strip.bottom - strip.top);
  const stop = (/** @type {number} */ offset, /** @type {string} */ name) =>
    svg("stop", { offset: fixed(offset * 100) / 100, class: `stop-${name}` });
  const [veryHigh, high, low, veryLow] = [VERY_HIGH, limits.high, limits.low, VERY_LOW].map((value) => share(value));
  return svg(
    "linearGradient",
    { id, gradientUnits: "userSpaceOnUse", x1: 0, x2: 0, y1: strip.top, y2: strip.bottom },
    stop(veryHigh, "very-high"),
    stop(veryHigh, "high"),
    stop(high, "high"),
    stop(high, "in"),
    stop(low, "in"),
    stop(low, "low"),
    stop(veryLow, "low"),
    stop(veryLow, "very-low"),
  );
}

/**
 * @param {import("../chart.js").Drawing} drawing
 * @param {import("../scales.js").Scale} y
 */
export function glucose({ layout, view, x, records, limits }, y) {
  const shown = records.glucose.filter(({ at }) => at >= view.start - JOINED && at <= view.end);
  const known = shown
    .map((reading) => ({ at: reading.at, value: shownGlucose(reading) }))
    .filter(({ value }) => value !== null);
  /** @type {[number, number][]} */
  const points = known.map(({ at, value }) => [x(at), y(/** @type {number} */ (value))]);
  const inside = points.filter((_, index) => known[index].at >= view.start);
  const every = x(view.start + 5 * MINUTE) - x(view.start);
  return svg(
    "g",
    { class: "glucose", "aria-hidden": "true" },
    svg("defs", {}, glucoseColours("glucose-colours", layout.glucose, y, limits)),
    svg("path", {
      class: "course",
      "clip-path": "url(#frame)",
      d: line(points, (before, after) => known[after].at - known[before].at > JOINED),
      stroke: "url(#glucose-colours)",
    }),
    svg("path", {
      class: "readings",
      d: dots(inside),
      stroke: "url(#glucose-colours)",
      "stroke-width": Math.min(Math.max(every * 0.9, layout.font * 0.32), layout.font * 0.62),
    }),
  );
}
