// The axis of glucose: how high it reaches, the target range and its lines.

import { linear } from "../units.js";
import { fixed, svg, text } from "../svg.js";

const LOWEST = 40;
const HIGHEST = 400;
/** Ends of the axis that serve for most days, so that days can be compared. */
const USUAL_TOPS = [250, 300];

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
