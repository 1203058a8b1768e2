// Glucose against the target range, coloured by the band in which it lies.

import { VERY_HIGH, VERY_LOW } from "../glucose_bands.js";
import { MINUTE, linear } from "../units.js";
import { dots, fixed, line, svg, text } from "../svg.js";

const LOWEST = 40;
const HIGHEST = 400;
/** Ends of the axis that serve for most days, so that days can be compared. */
const USUAL_TOPS = [250, 300];
/** Readings farther apart are not joined by a line. */
export const JOINED = 12 * MINUTE;

/** Where the sensor could put no number, the edge of what it can tell. */
export function shownGlucose({ value, state }) {
  if (value !== null) return value;
  if (state === "low") return LOWEST;
  return state === "high" ? HIGHEST : null;
}

export const shownValues = (readings) => readings.map(shownGlucose).filter((value) => value !== null);

/** @param values in mg/dL */
export function glucoseScale(strip, values, high) {
  const most = values.reduce((most, value) => Math.max(most, value), high + 20);
  return linear([LOWEST, USUAL_TOPS.find((top) => most <= top) ?? HIGHEST], [strip.bottom, strip.top]);
}

/** The target range with its limits, and lines above it. */
export function targetRange({ layout, locale, limits: { low, high } }, y) {
  const { left, right, font, glucose } = layout;
  const label = (value, kind) => [
    svg("line", { class: kind, x1: left, x2: right, y1: fixed(y(value)), y2: fixed(y(value)) }),
    text(locale.glucoseNumber(value), left - font * 0.5, y(value) + font * 0.35, { "text-anchor": "end", class: kind }),
  ];
  const group = svg(
    "g",
    { class: "target", "aria-hidden": "true" },
    svg("rect", { class: "range", x: left, width: right - left, y: fixed(y(high)), height: fixed(y(low) - y(high)) }),
    ...label(low, "limit"),
    ...label(high, "limit"),
  );
  const every = (locale.inMmol ? 5 : 100) * locale.glucoseOne;
  for (let value = every; y(value) >= glucose.top - 1; value += every) {
    const near = Math.min(Math.abs(y(low) - y(value)), Math.abs(y(high) - y(value)));
    if (near > font * 1.4 && y(value) < glucose.bottom) group.append(...label(value, "grid"));
  }
  return group;
}

/** A colour for each height, with sharp edges between the bands. */
export function glucoseColours(id, { top, bottom }, y, { low, high }) {
  const bands = ["very-high", "high", "in", "low", "very-low"];
  const edges = [VERY_HIGH, high, low, VERY_LOW];
  const stops = edges.flatMap((edge, index) => {
    const offset = fixed(((y(edge) - top) / (bottom - top)) * 100) / 100;
    return [bands[index], bands[index + 1]].map((band) => svg("stop", { offset, "stop-color": `var(--${band})` }));
  });
  return svg("linearGradient", { id, gradientUnits: "userSpaceOnUse", x1: 0, x2: 0, y1: top, y2: bottom }, ...stops);
}

export function glucose({ layout, view, x, records, limits }, y) {
  const known = records.glucose.flatMap((reading) => {
    const value = shownGlucose(reading);
    return value !== null && reading.at >= view.start - JOINED && reading.at <= view.end ? [{ at: reading.at, value }] : [];
  });
  const points = known.map(({ at, value }) => [x(at), y(value)]);
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
      d: dots(points.filter((_, index) => known[index].at >= view.start)),
      stroke: "url(#glucose-colours)",
      "stroke-width": Math.min(Math.max(every * 0.9, layout.font * 0.32), layout.font * 0.62),
    }),
  );
}
