// From values to pixels, and where an axis has its lines.

export const MG_DL_PER_MMOL_L = 18.016;
const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const TIME_STEPS = [15, 30, 60, 120, 180, 240, 360, 720].map((minutes) => minutes * MINUTE);
const ROUND = [0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50];

/**
 * @typedef {((value: number) => number) & {invert: (pixel: number) => number}} Scale
 */

/**
 * A straight line from values to pixels.
 * @param {[number, number]} values
 * @param {[number, number]} pixels
 * @returns {Scale}
 */
export function linear([first, last], [from, to]) {
  const slope = (to - from) / (last - first || 1);
  const scale = (/** @type {number} */ value) => from + (value - first) * slope;
  return Object.assign(scale, {
    invert: (/** @type {number} */ pixel) => first + (pixel - from) / slope,
  });
}

/**
 * The next round number, for the end of an axis.
 * @param {number} value
 */
export function roundUp(value) {
  return ROUND.find((round) => round >= value) ?? Math.ceil(value / 25) * 25;
}

/**
 * Instants at round local times, at least so many pixels apart.
 * @param {number} start
 * @param {number} end
 * @param {number} width in pixels
 * @param {number} apart in pixels
 * @param {(instant: number) => number} offset of local time from UTC
 */
export function timeTicks(start, end, width, apart, offset) {
  const step = TIME_STEPS.find((step) => (step / (end - start)) * width >= apart) ?? DAY;
  const ticks = [];
  const quarter = TIME_STEPS[0];
  for (let at = Math.ceil(start / quarter) * quarter; at <= end; at += quarter) {
    if ((at + offset(at)) % step === 0) ticks.push(at);
  }
  return ticks;
}
