// The glucose that the integration answered, with instants as milliseconds.

export const instant = (text) => (text ? Date.parse(text) : null);

export class Records {
  /**
   * @param raw the records of an answer
   * @param newest the instant up to which anything is known
   */
  constructor(raw, newest) {
    this.newest = newest;
    this.glucose = readGlucose(raw.glucose);
  }
}

function readGlucose(columns) {
  if (!columns?.start) return [];
  const { seconds, glucose_mg_dl: values, states, state, trends, trend } = columns;
  let at = Date.parse(columns.start);
  return values.map((value, n) => ({
    at: (at += seconds[n] * 1000),
    value,
    state: states[state[n]],
    trend: trends[trend[n]],
  }));
}
