// Hatchings, which tell spans apart without colour, and the frame that lines stay within.

import { svg } from "../svg.js";

/** @param every pixels from line to line */
export const hatching = (id, every, angle) =>
  svg(
    "pattern",
    { id, width: every, height: every, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${angle})` },
    svg("rect", { class: id, width: every, height: every }),
    svg("line", { class: id, x1: 0, x2: 0, y1: 0, y2: every }),
  );

export const patterns = ({ left, right, height, font }) =>
  svg(
    "defs",
    {},
    hatching("unknown", 8, 45),
    svg("clipPath", { id: "frame" }, svg("rect", { x: left, y: -font, width: right - left, height: height + font })),
  );
