// What a day comes to, in a line under the choice of it.

const STEP = 5 * 60_000;
/** A span that goes on with the clock; one further away is another one. */
const SAME = 2 * STEP;

export class FiguresLine {
  /** @param {() => void} changed called when there are other figures */
  constructor(changed) {
    this._changed = changed;
    this._asked = "";
    /** Of whom, and by which limits. */
    this._of = "";
    /** @type {View | null} */
    this._span = null;
    /** @type {any} */
    this._figures = null;
  }

  /**
   * Ask what a span comes to, unless that was asked before; nothing is known of another one until the answer.
   * @param {Hass} hass
   * @param {Record<string, string>} account
   * @param {View} view
   * @param {string} newest
   * @param {Limits} limits
   */
  async follow(hass, account, view, newest, { low, high }) {
    const { start, end } = view;
    const of = JSON.stringify([account, low, high]);
    const asked = JSON.stringify([of, Math.floor(start / STEP), Math.floor(end / STEP), newest]);
    if (asked === this._asked) return;
    const before = this._span;
    const goesOn = of === this._of && before && Math.abs(start - before.start) <= SAME && Math.abs(end - before.end) <= SAME;
    if (!goesOn) this._figures = null;
    this._asked = asked;
    this._of = of;
    this._span = view;
    const message = {
      type: "tconnectsync/span_figures",
      ...account,
      start: new Date(start).toISOString(),
      end: new Date(end).toISOString(),
      low_mg_dl: low,
      high_mg_dl: high,
    };
    const figures = await hass.callWS(message).catch(() => null);
    if (asked !== this._asked) return;
    this._figures = figures;
    this._changed();
  }

  /**
   * @param {LaterLocale} locale
   * @returns {[string, string][]} name and words of each figure that is known
   */
  words(locale) {
    const { glucose, insulin_units, basal_share_percent, carbs_grams, boluses, not_known_minutes } = this._figures ?? {};
    const percent = (/** @type {number} */ value) => `${locale.number(value, 0)} %`;
    /** @type {[string, string][]} */
    const found = [];
    if (glucose) {
      found.push(["mean", `${locale.say("mean")} ${locale.glucose(glucose.average_mg_dl)}`]);
      found.push(["in-range", `${locale.say("in_range")} ${percent(glucose.in_range_percent)}`]);
      found.push(["below", `${locale.say("below")} ${percent(glucose.below_range_percent)}`]);
    }
    if (insulin_units !== null && insulin_units !== undefined) {
      const notes = [];
      if (basal_share_percent !== null) notes.push(`${locale.say("basal")} ${percent(basal_share_percent)}`);
      if (not_known_minutes) notes.push(locale.say("not_known_for", { duration: locale.duration(not_known_minutes * 60_000) }));
      found.push(["insulin", `${locale.say("insulin")} ${locale.units(insulin_units, 1)}${notes.length ? ` (${notes.join(", ")})` : ""}`]);
    }
    if (carbs_grams !== null && carbs_grams !== undefined) {
      found.push(["carbs", `${locale.say("carbs")} ${locale.carbs(carbs_grams)}`]);
    }
    if (boluses !== null && boluses !== undefined) {
      found.push(["boluses", `${locale.say("boluses")} ${locale.number(boluses, 0)}`]);
    }
    return found;
  }
}
