// How high an axis of amounts, of insulin or carbs, reaches.

const ROUND = [0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50];

/**
 * The next round number.
 * @param {number} value
 */
export const roundUp = (value) => ROUND.find((round) => round >= value) ?? Math.ceil(value / 25) * 25;
