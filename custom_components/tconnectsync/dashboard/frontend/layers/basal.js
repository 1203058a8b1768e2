// Basal as it ran, against the profile; spans without delivery.

import { roundUp } from "../amounts_axis.js";
import { linear } from "../units.js";
import { fixed, svg, text } from "../svg.js";

/**
 * How a rate compares with the profile's.
 * @param {Segment} segment
 */
function against({ rate, profile }) {
  if (rate === 0) return "stopped";
  if (profile === null || rate === profile) return "as-set";
  return rate > profile ? "above" : "below";
}

/**
 * @param {WholeDrawing} drawing
 */
export function basal({ layout, view, x, records, locale }) {
  const strip = /** @type {Strip} */ (layout.basal);
  const { left, right, font } = layout;
  const seen = records.basal.filter(({ from, to }) => from <= view.end && to >= view.start);
  const top = roundUp(Math.max(1, ...seen.map(({ rate, profile }) => Math.max(rate, profile ?? 0))));
  const y = linear([0, top], [strip.bottom, strip.top]);
  const clip = (/** @type {TimeSpan} */ { from, to }) => ({
    from: x(Math.max(from, view.start)),
    to: x(Math.min(to, view.end)),
  });
  const rates = seen.map((segment) => ({ ...clip(segment), y: y(segment.rate) }));
  const profile = seen
    .filter((segment) => segment.profile !== null)
    .map((segment) => ({ ...clip(segment), y: y(/** @type {number} */ (segment.profile)) }));
  const area = (/** @type {string} */ how) =>
    rates
      .filter((_, index) => against(seen[index]) === how)
      .map(({ from, to, y }) => `M${fixed(from)} ${strip.bottom}V${fixed(y)}H${fixed(to)}V${strip.bottom}Z`)
      .join("");
  const suspended = records.suspensions.filter(({ from, to }) => from <= view.end && to >= view.start).map(clip);
  return svg(
    "g",
    { class: "basal", "aria-hidden": "true" },
    svg("line", { class: "ground", x1: left, x2: right, y1: strip.bottom, y2: strip.bottom }),
    svg("line", { class: "grid", x1: left, x2: right, y1: strip.top, y2: strip.top }),
    text(locale.number(top, 1), left - font * 0.5, strip.top + font * 0.35, { "text-anchor": "end" }),
    ...["as-set", "above", "below"].map((how) => svg("path", { class: `area ${how}`, d: area(how) })),
    svg("path", { class: "course", d: stairs(rates) }),
    svg("path", { class: "area stopped", d: area("stopped") }),
    svg("path", { class: "profile", d: stairs(profile) }),
    ...suspended.map(({ from, to }) =>
      svg("rect", {
        class: "suspended",
        x: fixed(from),
        width: fixed(Math.max(to - from, 1.5)),
        y: strip.top,
        height: fixed(strip.bottom - strip.top),
        fill: "url(#suspended)",
      }),
    ),
  );
}

/**
 * Level lines, joined by upright lines where one follows the other.
 * @param {{from: number, to: number, y: number}[]} steps
 */
function stairs(steps) {
  return steps
    .map(({ from, to, y }, index) => {
      const before = steps[index - 1];
      const joined = before && Math.abs(before.to - from) < 1;
      return `${joined ? "L" : "M"}${fixed(from)} ${fixed(y)}L${fixed(to)} ${fixed(y)}`;
    })
    .join("");
}
