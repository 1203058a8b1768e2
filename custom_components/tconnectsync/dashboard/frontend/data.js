// The glucose that the integration told, with instants as milliseconds.

/** @typedef {{at: number, value: number | null, state: string, trend: string | null, isLive?: boolean}} Reading */

/** @param {string | null} text */
export const instant = (text) => (text ? Date.parse(text) : null);

export class Records {
  /**
   * @param {any} told the records of an answer
   * @param {number | null} newest the instant up to which anything is known
   */
  constructor(told, newest) {
    this.newest = newest;
    /** @type {Reading[]} */
    this.glucose = readGlucose(told.glucose);
  }
}

/**
 * @param {any} columns
 * @returns {Reading[]}
 */
function readGlucose(columns) {
  if (!columns?.start) return [];
  const { seconds, glucose_mg_dl: values, states, state, trends, trend } = columns;
  let at = Date.parse(columns.start);
  return values.map((/** @type {number | null} */ value, /** @type {number} */ n) => ({
    at: (at += seconds[n] * 1000),
    value,
    state: states[state[n]],
    trend: trends[trend[n]],
  }));
}
