// In which band a glucose (mg/dL) lies, and how long it says anything of now.

import { MINUTE } from "./units.js";

/** An older one has no colour, no arrow, and its age instead of a time. */
export const GLUCOSE_OF_NOW = 15 * MINUTE;
/** By the international consensus on time in range; between them lie the limits. */
export const VERY_LOW = 54;
export const VERY_HIGH = 250;

export function levelOf(value, { low, high }) {
  if (value < low) return value < VERY_LOW ? "very-low" : "low";
  if (value > high) return value > VERY_HIGH ? "very-high" : "high";
  return "in";
}
