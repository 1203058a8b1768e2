// The lines of time, and local midnights.

import { DAY, timeTicks } from "../units.js";
import { svg, text } from "../svg.js";

export function timeAxis({ layout, view, x, locale }) {
  const { left, right, bottom, font, glucose, width } = layout;
  const apart = font * (locale.tick(0).length > 5 ? 6 : 4.6);
  const group = svg("g", { class: "axis", "aria-hidden": "true" });
  for (const at of timeTicks(view, right - left, apart, (at) => locale.offset(at))) {
    const midnight = !view.wholeDay && (at + locale.offset(at)) % DAY === 0;
    const px = x(at);
    const words = midnight ? locale.shortDay(at) : locale.tick(at);
    const half = (words.length * font) / 3.6;
    const inside = Math.min(Math.max(px, half), width - half);
    group.append(
      svg("line", { class: midnight ? "midnight" : "grid", x1: px, x2: px, y1: glucose.top, y2: bottom }),
      text(words, inside, bottom + font * 1.4, { "text-anchor": "middle", class: midnight ? "day" : null }),
    );
  }
  return group;
}
