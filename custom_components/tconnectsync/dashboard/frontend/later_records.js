// Everything that the integration answered, ready to be drawn and asked.

import { Records, instant } from "./glucose_records.js";
import { MINUTE } from "./units.js";

const NEAR = 5 * MINUTE;

/** What holds where nothing is known. */
export const NOTHING = { reading: null, onBoard: null, reported: null, segment: null, suspension: null, basalGap: null };

export class LaterRecords extends Records {
  /**
   * @param {any} raw the records of an answer
   * @param {number | null} newest the instant up to which anything is known
   */
  constructor(raw, newest) {
    super(raw, newest);
    const running = newest ?? 0;
    const span = ({ start, end }) => ({
      from: Date.parse(start),
      to: instant(end) ?? running,
      running: !end,
    });
    /** @type {ReportedOnBoard[]} */
    this.insulinOnBoard = (raw.insulin_on_board ?? []).map((one) => ({
      at: Date.parse(one.time),
      units: one.insulin_on_board_units,
    }));
    /** @type {Estimate[]} */
    this.onBoard = readCurve(raw.insulin_on_board_curve);
    /** @type {Segment[]} */
    this.basal = (raw.basal ?? []).map((one) => ({
      ...span(one),
      rate: one.rate_units_per_hour,
      profile: one.profile_rate_units_per_hour,
      source: one.source,
    }));
    /** @type {Suspension[]} */
    this.suspensions = (raw.suspensions ?? []).map((one) => ({ ...span(one), endKnown: one.end_known, reason: one.reason }));
    /** @type {TimeSpan[]} */
    this.basalGaps = (raw.basal_gaps ?? []).map(span);
    /** @type {Activity[]} */
    this.activities = (raw.activities ?? []).map((one) => ({ ...span(one), mode: one.mode }));
    /** @type {Bolus[]} */
    this.boluses = (raw.boluses ?? []).map(readBolus);
    /** @type {Alarm[]} */
    this.alarms = (raw.alarms ?? []).map((one) => ({
      at: Date.parse(one.time),
      kind: one.kind,
      type: one.type,
      meaning: one.meaning,
      ended: instant(one.ended),
      endedBy: one.ended_by,
    }));
    /** @type {Fill[]} */
    this.fills = (raw.site_changes ?? []).map((one) => ({
      at: Date.parse(one.time),
      kind: one.kind,
      units: one.amount_units,
      isSite: one.is_site_change,
    }));
    /** @type {Session[]} */
    this.sessions = (raw.sensor_sessions ?? []).map((one) => ({
      at: Date.parse(one.time),
      sensor: one.sensor,
      joined: one.joined,
      expires: instant(one.expires),
    }));
  }

  /**
   * Whether anything is known of a span of time.
   * @param {number} start
   * @param {number} end
   */
  hasAny(start, end) {
    const within = ({ at }) => at >= start && at < end;
    const reaches = ({ from, to }) => from < end && to > start;
    return (
      [this.glucose, this.boluses, this.alarms, this.fills, this.sessions].some((kind) => kind.some(within)) ||
      [this.basal, this.suspensions, this.activities].some((kind) => kind.some(reaches))
    );
  }

  /**
   * What held at an instant; null where nothing is known.
   * @param {number} at
   */
  when(at) {
    const holds = ({ from, to }) => from <= at && at < to;
    return {
      reading: nearest(this.glucose, at),
      onBoard: nearest(this.onBoard, at),
      reported: nearest(this.insulinOnBoard, at),
      segment: this.basal.find(holds) ?? null,
      suspension: this.suspensions.find(holds) ?? null,
      basalGap: this.basalGaps.find(holds) ?? null,
    };
  }
}

/**
 * @param {any} one
 * @returns {Bolus}
 */
function readBolus(one) {
  const at = Date.parse(one.time);
  const extendedFrom = instant(one.extended_start) ?? at;
  const planned = at + one.extended_minutes * MINUTE;
  return {
    at,
    kind: one.kind,
    units: one.delivered_units,
    asked: one.requested_units,
    inProgress: one.in_progress,
    endMissing: one.end_missing,
    deliveryUnknown: one.delivery_unknown,
    now: one.in_progress ? one.now_requested_units : one.now_delivered_units,
    extended: one.in_progress ? one.extended_requested_units : one.extended_delivered_units,
    extendedFrom,
    extendedTo: instant(one.end) ?? planned,
    carbs: one.carbs_grams,
    glucose: one.glucose_mg_dl,
    food: one.food_units,
    correction: one.correction_units,
  };
}

/**
 * @param {any} curve
 * @returns {Estimate[]}
 */
function readCurve(curve) {
  if (!curve) return [];
  const first = Date.parse(curve.start);
  return curve.units.map((/** @type {number | null} */ units, /** @type {number} */ step) => ({
    at: first + step * curve.step_minutes * MINUTE,
    units,
  }));
}

/**
 * @template {{at: number}} T
 * @param {T[]} list
 * @param {number} at
 * @returns {T | null}
 */
export function nearest(list, at) {
  let best = null;
  for (const one of list) {
    const far = Math.abs(one.at - at);
    if (far <= NEAR && (!best || far < Math.abs(best.at - at))) best = one;
  }
  return best;
}
