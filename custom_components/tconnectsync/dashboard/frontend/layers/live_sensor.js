// Glucose of another sensor past the end of the pump's data: rings, so that nobody takes it for the pump's.

import { fixed, svg } from "../svg.js";

/**
 * @param {WholeDrawing} drawing
 * @param {Scale} y
 */
export function liveSensor({ layout, x, live: readings }, y) {
  const radius = fixed(layout.font * 0.26);
  return svg(
    "g",
    { class: "live", "aria-hidden": "true" },
    ...readings.map(({ at, value }) =>
      svg("circle", { cx: fixed(x(at)), cy: fixed(y(value)), r: radius, stroke: "url(#glucose-colours)", "data-at": at }),
    ),
  );
}
