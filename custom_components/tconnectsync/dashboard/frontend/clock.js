// Days and times in the person's time zone.

import { DAY } from "./scales.js";

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;

export class Clock {
  /** @param {string | undefined} zone undefined is the browser's */
  constructor(zone) {
    this._zone = zone;
    /** @type {Map<string, any>} */
    this._formats = new Map();
    /** @type {Map<number, number>} */
    this._offsets = new Map();
  }

  /**
   * How far local time is ahead of UTC, in milliseconds.
   * @param {number} at
   */
  offset(at) {
    const quarter = Math.floor(at / QUARTER);
    let offset = this._offsets.get(quarter);
    if (offset === undefined) {
      const begin = quarter * QUARTER;
      offset = this._zone ? wallClock(this._clock(), begin) - begin : -new Date(begin).getTimezoneOffset() * MINUTE;
      this._offsets.set(quarter, offset);
    }
    return offset;
  }

  /**
   * The local day of an instant, as 2026-11-21.
   * @param {number} at
   */
  dayKey(at) {
    return new Date(at + this.offset(at)).toISOString().slice(0, 10);
  }

  /**
   * When a local day begins; in some zones the clock skips midnight once a year.
   * @param {string} key
   */
  dayStart(key) {
    const midnight = Date.parse(`${key}T00:00:00Z`);
    const guess = midnight - this.offset(midnight);
    const start = midnight - this.offset(guess);
    return this.dayKey(start) === key ? start : guess;
  }

  /**
   * The local day so many days later.
   * @param {string} key
   * @param {number} days
   */
  dayAfter(key, days) {
    return new Date(Date.parse(`${key}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
  }

  _clock() {
    return this._format("clock", () =>
      new Intl.DateTimeFormat("en-GB", {
        timeZone: this._zone,
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
      }),
    );
  }

  /**
   * @param {string} name
   * @param {() => any} make
   */
  _format(name, make) {
    let format = this._formats.get(name);
    if (!format) this._formats.set(name, (format = make()));
    return format;
  }
}

/**
 * What the clock on the wall shows, as if it were UTC.
 * @param {Intl.DateTimeFormat} format
 * @param {number} at
 */
function wallClock(format, at) {
  const { year, month, day, hour, minute } = Object.fromEntries(
    format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
  );
  return Date.UTC(year, month - 1, day, hour, minute);
}
