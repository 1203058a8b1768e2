// In which band a glucose lies, and how long it says anything of now.

const MINUTE = 60_000;
/** A glucose that is older says nothing of now: it has no colour, no arrow, and its age instead of a time. */
export const GLUCOSE_OF_NOW = 15 * MINUTE;
/** By the international consensus on time in range; between them lie the limits. */
export const VERY_LOW = 54;
export const VERY_HIGH = 250;

/**
 * @param {number} value in mg/dL
 * @param {{low: number, high: number}} limits in mg/dL
 */
export function levelOf(value, { low, high }) {
  if (value < low) return value < VERY_LOW ? "very-low" : "low";
  if (value > high) return value > VERY_HIGH ? "very-high" : "high";
  return "in";
}
