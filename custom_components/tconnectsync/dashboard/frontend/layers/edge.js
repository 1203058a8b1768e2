// Where the data ends: from here to now nothing is known yet.

import { fixed, svg, text } from "../svg.js";

/**
 * @param {import("../chart.js").Drawing} drawing
 */
export function edge({ layout, view, x, records, locale, stale }) {
  const newest = records.newest;
  if (newest === null || newest > view.end || newest < view.start) return null;
  const { glucose, bottom, font, left, right } = layout;
  const from = x(newest);
  const to = x(Math.min(Math.max(view.now, newest), view.end));
  const words = locale.say("ago", { age: locale.duration(view.now - newest) });
  const width = words.length * font * 0.56 + font;
  const middle = Math.min(Math.max(from + width / 2, left + width / 2), right - width / 2);
  const y = glucose.top + font * 1.2;
  return svg(
    "g",
    { class: stale ? "edge stale" : "edge", "aria-hidden": "true" },
    svg("rect", { x: fixed(from), width: fixed(to - from), y: glucose.top, height: fixed(bottom - glucose.top), fill: "url(#unknown)" }),
    svg("line", { x1: fixed(from), x2: fixed(from), y1: glucose.top, y2: bottom }),
    svg("rect", { class: "pill", x: fixed(middle - width / 2), width: fixed(width), y: fixed(y - font * 0.85), height: fixed(font * 1.7), rx: fixed(font * 0.85) }),
    text(words, middle, y + font * 0.36, { "text-anchor": "middle" }),
  );
}
