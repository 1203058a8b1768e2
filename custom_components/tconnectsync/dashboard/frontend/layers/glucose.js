// Glucose, coloured by the band in which it lies.

import { VERY_HIGH, VERY_LOW } from "../glucose_bands.js";
import { MINUTE } from "../units.js";
import { dots, fixed, line, svg } from "../svg.js";
import { shownGlucose } from "./glucose_axis.js";

/** Readings farther apart are not joined by a line. */
export const JOINED = 12 * MINUTE;

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
