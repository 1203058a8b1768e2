// Days and times in the person's time zone.

import { DAY, MINUTE } from "./units.js";

const QUARTER = 15 * MINUTE;

export class Clock {
  /** @param zone undefined is the browser's */
  constructor(zone) {
    this._zone = zone;
    this._formats = new Map();
    this._offsets = new Map();
  }

  /** How far local time is ahead of UTC, in milliseconds. */
  offset(at) {
    const quarter = Math.floor(at / QUARTER);
    let offset = this._offsets.get(quarter);
    if (offset === undefined) {
      const begin = quarter * QUARTER;
      offset = this._zone ? this._wallClock(begin) - begin : -new Date(begin).getTimezoneOffset() * MINUTE;
      this._offsets.set(quarter, offset);
    }
    return offset;
  }

  /** The local day of an instant, as 2026-11-21. */
  dayKey(at) {
    return new Date(at + this.offset(at)).toISOString().slice(0, 10);
  }

  /** When a local day begins; in some zones clocks skip midnight once a year. */
  dayStart(key) {
    const midnight = Date.parse(`${key}T00:00:00Z`);
    const guess = midnight - this.offset(midnight);
    const start = midnight - this.offset(guess);
    return this.dayKey(start) === key ? start : guess;
  }

  /** The local day so many days later. */
  dayAfter(key, days) {
    return new Date(Date.parse(`${key}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
  }

  /** What the clock on the wall shows, as if it were UTC. */
  _wallClock(at) {
    const numeric = "numeric";
    const format = this._format("clock", () =>
      new Intl.DateTimeFormat("en-GB", { timeZone: this._zone, hourCycle: "h23", year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric }),
    );
    const { year, month, day, hour, minute } = partsOf(format, at);
    return Date.UTC(+year, +month - 1, +day, +hour, +minute);
  }

  _format(name, make) {
    let format = this._formats.get(name);
    if (!format) this._formats.set(name, (format = make()));
    return format;
  }
}

export const partsOf = (format, at) => Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
