// Sleep, exercise and eating soon behind everything else.

import { fixed, svg, text } from "../svg.js";

/**
 * @param {WholeDrawing} drawing
 */
export function activities({ layout, view, x, records, locale }) {
  const { font, glucose, bottom } = layout;
  const group = svg("g", { class: "activities", "aria-hidden": "true" });
  for (const { from, to, mode } of records.activities) {
    if (from > view.end || to < view.start) continue;
    const [start, end] = [x(Math.max(from, view.start)), x(Math.min(to, view.end))];
    group.append(
      svg("rect", { class: mode, x: fixed(start), width: fixed(end - start), y: glucose.top, height: fixed(bottom - glucose.top) }),
    );
    const words = locale.say(`mode_${mode}`);
    if (end - start > words.length * font * 0.62 + font) {
      group.append(text(words, (start + end) / 2, glucose.top + font * 1.3, { class: mode, "text-anchor": "middle" }));
    }
  }
  return group;
}
