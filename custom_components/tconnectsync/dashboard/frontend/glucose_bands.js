// In which band a glucose (mg/dL) lies, as whole as limits are.

/** By the international consensus on time in range; between them lie the limits. */
export const VERY_LOW = 54;
export const VERY_HIGH = 250;

export function bandOf(value, { low, high }) {
  value = Math.round(value);
  if (value < low) return value < VERY_LOW ? "very-low" : "low";
  if (value > high) return value > VERY_HIGH ? "very-high" : "high";
  return "in";
}
