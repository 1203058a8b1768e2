// Where the data ends: from here to now nothing is known yet.

import { fixed, svg } from "../svg.js";

export function dataEnd({ layout, view, x, records, stale }) {
  const newest = records.newest;
  if (newest === null || newest > view.end || newest < view.start) return null;
  const { glucose, bottom } = layout;
  const from = x(newest);
  const to = x(Math.min(Math.max(view.now, newest), view.end));
  return svg(
    "g",
    { class: stale ? "edge stale" : "edge", "aria-hidden": "true" },
    svg("rect", { x: fixed(from), width: fixed(to - from), y: glucose.top, height: fixed(bottom - glucose.top), fill: "url(#unknown)" }),
    svg("line", { x1: fixed(from), x2: fixed(from), y1: glucose.top, y2: bottom }),
  );
}
