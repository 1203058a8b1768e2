// Glucose of another sensor, which is ahead of what the pump's phone uploads.

import { reckonedTrend, reportedTrend } from "./live_sensor_trend.js";
import { MG_DL_PER_MMOL_L, MINUTE } from "./units.js";

/** Where sensors say when they measured; Home Assistant notes when it heard. */
const MEASURED = ["as_of", "date", "timestamp", "measured_at", "last_reading"];
/** How far apart two readings of a sensor are that misses none. */
const NONE_MISSED = 10 * MINUTE;

export class LiveGlucose {
  /** @param {() => void} changed called when there are other readings */
  constructor(changed) {
    this._changed = changed;
    this._asked = "";
    /** @type {Map<number, LiveReading>} */
    this._readings = new Map();
    /** @type {any} */
    this._seen = null;
    /** @type {LiveReading | null} */
    this._current = null;
    /**
     * What held when the past that was asked for begins: nobody knows since when.
     * @type {LiveReading | null}
     */
    this._held = null;
  }

  /**
   * Follow a sensor, its past from an instant on included.
   * @param {Hass} hass
   * @param {string} entity
   * @param {number} since
   */
  follow(hass, entity, since) {
    const asked = `${entity} ${since}`;
    if (asked !== this._asked) {
      this._asked = asked;
      this._readings.clear();
      this._seen = null;
      this._current = null;
      this._held = null;
      this._ask(hass, entity, since, asked);
    }
    const state = hass.states[entity];
    if (state && state !== this._seen) {
      this._seen = state;
      this._addSeen();
    }
  }

  _addSeen() {
    if (!this._seen) return;
    const { state, attributes, last_updated, last_changed } = this._seen;
    this._current = this._add(readingOf(state, attributes, Date.parse(last_updated)), last_changed === last_updated);
  }

  /** Everything known, the oldest first. */
  get readings() {
    return [...this._readings.values()].sort((one, other) => one.at - other.at);
  }

  /**
   * The newest of a sensor and where it is heading; null where nothing is known.
   * @param {Hass} hass
   * @param {string} entity
   * @returns {(LiveReading & {trend: string | null}) | null}
   */
  newest(hass, entity) {
    const readings = this.readings;
    const newest = readings[readings.length - 1];
    if (!newest) return null;
    // What a sensor says of an older reading, late, says nothing of the newest.
    const reported = this._current && secondOf(this._current) === secondOf(newest) ? reportedTrend(hass, entity) : null;
    return { ...newest, trend: reported ?? reckonedTrend(readings) };
  }

  /**
   * @param {Hass} hass
   * @param {string} entity
   * @param {number} since
   * @param {string} asked
   */
  async _ask(hass, entity, since, asked) {
    // So that of the first value, too, it is known whether it is only set anew.
    const start = since - NONE_MISSED;
    const message = {
      type: "history/history_during_period",
      start_time: new Date(start).toISOString(),
      entity_ids: [entity],
      significant_changes_only: false,
      minimal_response: false,
      no_attributes: false,
    };
    /** @type {any} */
    let past = {};
    try {
      past = await hass.callWS(message);
    } catch {
      // Without a recorder, or the right to look, the sensor is followed from now on.
      return;
    }
    if (asked !== this._asked) return;
    for (const { s, a, lu, lc } of past[entity] ?? []) {
      const updated = (lu ?? lc) * 1000;
      const reading = readingOf(s, a ?? {}, updated);
      // The recorder dates what held at the beginning to the beginning.
      if (Math.round(updated) === start && !reading?.measured) this._held = reading;
      else this._add(reading, lc === undefined || lc === lu);
    }
    this._addSeen();
    this._changed();
  }

  /**
   * Add a reading, and return it. A value that is set anew as it was, by a restart of Home Assistant as a rule, is the
   * one before where nobody says when it was measured, and none where nobody knows since when that held.
   * @param {LiveReading | null} reading
   * @param {boolean} isSetAnew
   */
  _add(reading, isSetAnew) {
    if (!reading) return null;
    const before = isSetAnew && !reading.measured ? this._before(reading) : null;
    if (before?.value === reading.value && reading.at - before.at > NONE_MISSED) {
      this._readings.delete(secondOf(reading));
      return before === this._held ? null : before;
    }
    this._readings.set(secondOf(reading), reading);
    return reading;
  }

  /** @param {LiveReading} reading */
  _before(reading) {
    /** @type {LiveReading | null} */
    let newest = this._held && secondOf(this._held) < secondOf(reading) ? this._held : null;
    for (const one of this._readings.values()) {
      if (secondOf(one) < secondOf(reading) && (!newest || one.at > newest.at)) newest = one;
    }
    return newest;
  }
}

/**
 * When a reading was: the recorder tells an instant more finely than a state does.
 * @param {LiveReading} reading
 */
const secondOf = ({ at }) => Math.round(at / 1000);

/**
 * What a state says; null where it is no glucose.
 * @param {string} state
 * @param {any} attributes
 * @param {number} updated
 * @returns {LiveReading | null}
 */
export function readingOf(state, attributes, updated) {
  const value = state?.trim() ? Number(state) : NaN;
  const unit = String(attributes.unit_of_measurement ?? "").toLowerCase();
  if (!(value > 0) || !["mg/dl", "mmol/l"].includes(unit)) return null;
  const measured = MEASURED.map((name) => attributes[name])
    .map((at) => (typeof at === "string" ? Date.parse(at) : NaN))
    .filter((at) => at <= updated);
  return {
    at: Math.min(updated, ...measured),
    value: unit === "mmol/l" ? value * MG_DL_PER_MMOL_L : value,
    measured: measured.length > 0,
  };
}
