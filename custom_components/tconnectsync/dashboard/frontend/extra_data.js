// What is asked for beside the records: another sensor's glucose, chosen values, and what a day comes to.

import { limitsInForce } from "./card_options.js";
import { instant } from "./glucose_records.js";
import { DAY, HOUR } from "./units.js";
import { SUMMED } from "./ranges.js";

const LIVE = () => import("./live_sensor.js");
const FIGURES_LINE = () => import("./figures_line.js");
const CHOSEN_VALUES = () => import("./chosen_values.js");

/**
 * @typedef {{hass: Hass, answer: any, options: Options, place: Place, entity: string | null, view: View}} Asked
 *   `entity` of the other sensor
 */

export class ExtraData {
  /**
   * @param {import("./load.js").Parts} parts
   * @param {() => void} changed called when there is something else to be shown
   */
  constructor(parts, changed) {
    this._parts = parts;
    this._changed = changed;
    /** @type {import("./live_sensor.js").LiveGlucose | null} */
    this._live = null;
    /** @type {import("./figures_line.js").FiguresLine | null} */
    this._figuresLine = null;
  }

  /**
   * Have all that is wanted asked for.
   * @param {Asked} asked
   */
  follow({ hass, answer, options, place, entity, view }) {
    const newest = instant(answer?.newest);
    if (newest === null) return;
    const live = entity ? this._parts.get(LIVE) : null;
    if (live) {
      this._live ??= new live.LiveGlucose(this._changed);
      // The pump's data ends where the other sensor's begins, a day ago at the earliest.
      this._live.follow(hass, entity ?? "", Math.max(newest, Math.floor((view.now - DAY) / HOUR) * HOUR));
    }
    const line = SUMMED.includes(place.range) ? this._parts.get(FIGURES_LINE) : null;
    if (line) {
      this._figuresLine ??= new line.FiguresLine(this._changed);
      this._figuresLine.follow(hass, options.account, view, answer.newest, limitsInForce(options, answer));
    }
  }

  /** What the other sensor measured, the oldest first. */
  get readings() {
    return this._live?.readings ?? [];
  }

  /**
   * The newest of it, with its trend.
   * @param {Hass} hass
   * @param {string} entity
   */
  newest(hass, entity) {
    return this._live?.newest(hass, entity) ?? null;
  }

  /**
   * What the day comes to.
   * @param {LaterLocale} locale
   */
  sums(locale) {
    return this._figuresLine?.words(locale) ?? [];
  }

  /**
   * The values that were chosen.
   * @param {Parameters<typeof import("./chosen_values.js").pillsOf>[0]} what
   * @returns {HTMLElement[]}
   */
  pills(what) {
    return (what.chosen.length && this._parts.get(CHOSEN_VALUES)?.pillsOf(what)) || [];
  }

  /**
   * Whether any of the pump's entities is in another state.
   * @param {any} before
   * @param {Hass} hass
   * @param {string} device
   */
  isOther(before, hass, device) {
    return Object.values(hass.entities ?? {}).some(
      ({ platform, device_id, entity_id }) =>
        platform === "tconnectsync" && device_id === device && before?.states[entity_id] !== hass.states[entity_id],
    );
  }
}
