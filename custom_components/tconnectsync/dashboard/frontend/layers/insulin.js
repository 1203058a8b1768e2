// Boluses with units and carbs, and insulin on board: the estimate, and on it what the pump said.

import { roundUp } from "../amounts_axis.js";
import { LabelRow } from "./label_row.js";
import { HOUR, linear } from "../units.js";
import { dots, fixed, line, svg, text } from "../svg.js";

/** How far apart neighbours of the curve are. */
const STEP = HOUR / 12;

/**
 * @param {WholeDrawing} drawing
 */
export function unitsScale({ layout, view, records }) {
  const seen = ({ at }) => at >= view.start && at <= view.end;
  const values = [
    ...records.boluses.filter(seen).map((bolus) => Math.max(bolus.now, bolus.extended)),
    ...records.insulinOnBoard.filter(seen).map(({ units }) => units),
    ...records.onBoard.filter(seen).map(({ units }) => units ?? 0),
  ];
  const strip = /** @type {Strip} */ (layout.boluses);
  return linear([0, roundUp(Math.max(2, ...values))], [strip.bottom, strip.top + layout.font]);
}

/**
 * @param {WholeDrawing} drawing
 * @param {Scale} y
 */
export function onBoard({ view, x, records, layout }, y) {
  const seen = ({ at }) => at >= view.start && at <= view.end;
  const known = records.onBoard.filter(({ at, units }) => units !== null && seen({ at }));
  /** @type {[number, number][]} */
  const points = known.map(({ at, units }) => [x(at), y(/** @type {number} */ (units))]);
  const breaks = (/** @type {number} */ before, /** @type {number} */ after) => known[after].at - known[before].at > STEP;
  return svg(
    "g",
    { class: "on-board", "aria-hidden": "true" },
    svg("path", { class: "area", d: areas(points, breaks, y(0)) }),
    svg("path", { class: "course", d: line(points, breaks) }),
    svg("path", {
      class: "reported",
      d: dots(records.insulinOnBoard.filter(seen).map(({ at, units }) => [x(at), y(units)])),
      "stroke-width": layout.font * 0.36,
    }),
  );
}

/**
 * @param {[number, number][]} points
 * @param {(before: number, after: number) => boolean} breaks
 * @param {number} ground
 */
function areas(points, breaks, ground) {
  let path = "";
  for (let index = 1; index < points.length; index += 1) {
    if (breaks(index - 1, index)) continue;
    const [[x0, y0], [x1, y1]] = [points[index - 1], points[index]];
    path += `M${fixed(x0)} ${fixed(ground)}L${fixed(x0)} ${fixed(y0)}L${fixed(x1)} ${fixed(y1)}L${fixed(x1)} ${fixed(ground)}Z`;
  }
  return path;
}

/**
 * @param {WholeDrawing} drawing
 * @param {Scale} y
 */
export function boluses(drawing, y) {
  const { layout, view, x, records } = drawing;
  const { left, right, font } = layout;
  const ground = y(0);
  const width = Math.min(Math.max(x(view.start + HOUR / 6) - x(view.start), font * 0.5), font * 0.9);
  const group = svg("g", { class: "boluses", "aria-hidden": "true" });
  group.append(svg("line", { class: "ground", x1: left, x2: right, y1: ground, y2: ground }));

  const seen = records.boluses.filter((bolus) => bolus.at <= view.end && bolus.extendedTo >= view.start);
  for (const bolus of seen) {
    if (bolus.extended) group.append(extendedBar(drawing, bolus, y));
  }
  for (const bolus of seen) {
    if (!bolus.now || bolus.at < view.start) continue;
    const automatic = bolus.kind === "automatic";
    const wide = automatic ? width * 0.7 : width;
    const height = Math.max(ground - y(bolus.now), 2);
    group.append(
      svg("rect", {
        class: `bar ${bolus.kind}${bolus.inProgress ? " in-progress" : ""}`,
        x: fixed(x(bolus.at) - wide / 2),
        width: fixed(wide),
        y: fixed(ground - height),
        height: fixed(height),
        rx: fixed(wide / 3),
      }),
    );
  }
  group.append(...unitLabels(drawing, seen, y), ...carbLabels(drawing, seen));
  return group;
}

/**
 * @param {WholeDrawing} drawing
 * @param {Bolus} bolus
 * @param {Scale} y
 */
function extendedBar({ x, view }, bolus, y) {
  const from = x(Math.max(bolus.extendedFrom, view.start));
  const to = x(Math.min(bolus.extendedTo, view.end));
  return svg("rect", {
    class: `bar extended${bolus.inProgress ? " in-progress" : ""}`,
    x: fixed(from),
    width: fixed(Math.max(to - from, 2)),
    y: fixed(y(bolus.extended)),
    height: fixed(y(0) - y(bolus.extended)),
    fill: "url(#extended)",
  });
}

/**
 * The amounts, the larger first; one that has no room is left to its mark.
 * @param {WholeDrawing} drawing
 * @param {Bolus[]} seen
 * @param {Scale} y
 */
function unitLabels({ x, view, layout, locale, records }, seen, y) {
  const labels = new LabelRow(layout);
  const beside = (/** @type {number} */ at) =>
    [...records.insulinOnBoard, ...records.onBoard]
      .filter((one) => one.units !== null && Math.abs(x(one.at) - x(at)) < layout.font)
      .map(({ units }) => y(/** @type {number} */ (units)));
  const width = (view.end - view.start) / HOUR;
  return seen
    .filter((bolus) => bolus.units && bolus.at >= view.start && (bolus.kind !== "automatic" || width <= 6))
    .sort((one, other) => other.units - one.units)
    .flatMap((bolus) => {
      const words = locale.number(bolus.units, bolus.units < 1 ? 2 : 1) + (bolus.inProgress ? " …" : "");
      const at = labels.place(x(bolus.at), words);
      if (at === null) return [];
      const top = Math.min(y(bolus.now), y(bolus.extended), ...beside(bolus.at));
      return [text(words, at, top - layout.font * 0.35, { class: `amount ${bolus.kind}`, "text-anchor": "middle" })];
    });
}

/**
 * @param {WholeDrawing} drawing
 * @param {Bolus[]} seen
 */
function carbLabels({ x, view, layout, locale }, seen) {
  const labels = new LabelRow(layout, 1.2);
  const strip = /** @type {Strip} */ (layout.carbs);
  const { font } = layout;
  return seen
    .filter((bolus) => bolus.at >= view.start)
    .map((bolus) => ({ begun: bolus.at, carbs: bolus.carbs ?? 0 }))
    .filter(({ carbs }) => carbs)
    .sort((one, other) => other.carbs - one.carbs)
    .flatMap(({ begun, carbs }) => {
      const words = locale.carbs(carbs);
      const at = labels.place(x(begun), words);
      if (at === null) return [];
      const half = labels.half(words);
      return [
        svg("rect", {
          class: "carbs",
          x: fixed(at - half),
          width: fixed(half * 2),
          y: fixed(strip.top + font * 0.3),
          height: fixed(font * 1.35),
          rx: fixed(font * 0.67),
        }),
        text(words, at, strip.top + font * 1.3, { class: "carbs", "text-anchor": "middle" }),
      ];
    });
}
