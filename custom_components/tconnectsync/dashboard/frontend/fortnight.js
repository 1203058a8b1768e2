// The glucose of the last 14 days laid over one another: what most days are like, and each of them.

import { layOut } from "./layout.js";
import { timeAxis } from "./layers/time_axis.js";
import { JOINED, glucoseColours } from "./layers/glucose.js";
import { glucoseScale, shownGlucose, shownValues, targetRange } from "./layers/glucose_axis.js";
import { DAY, MINUTE, linear } from "./units.js";
import { Cursor } from "./cursor.js";
import { line, svg } from "./svg.js";
import { readingWords, sentence } from "./mark_texts.js";

const BIN = 15 * MINUTE;
const ENOUGH_DAYS = 5;
const ANY_MIDNIGHT = Date.UTC(2024, 0, 15);

/**
 * @typedef {{key: string, start: number, readings: Reading[], points: [number, number][]}} OneDay
 * @typedef {{day: OneDay, reading: Reading | null}} Choice
 * @typedef {{at: number, values: number[]}} Bin a quarter of an hour of all days, its values in order
 */

export class FortnightPicture {
  /**
   * @param {{view: View, records: Records,
   *   locale: LaterLocale, limits: Limits}} what
   * @param {{width: number, height: number}} size
   */
  constructor({ view, records, locale, limits }, { width, height }) {
    const layout = layOut(width, height, { lane: false, boluses: false, basal: false });
    const x = linear([0, DAY], [layout.left, layout.right]);
    const y = glucoseScale(layout.glucose, shownValues(records.glucose), limits.high);
    this._layout = layout;
    this._locale = locale;
    this._x = x;
    this._y = y;
    this._today = locale.dayKey(view.now);
    /** @type {Mark[]} */
    this.marks = [];
    this.days = daysOf(records.glucose, locale, x, y);
    this._courses = this.days.map(({ key, points, readings }) =>
      svg("path", {
        class: key === this._today ? "one today" : "one",
        d: line(points, (before, after) => readings[after].at - readings[before].at > JOINED),
        "data-day": key,
      }),
    );
    this._cursor = new Cursor(layout.font, locale.say("day_slider"), [1, this.days.length]);
    this.slider = this._cursor.element;
    const clock = { offset: () => 0, tick: (at) => locale.tick(ANY_MIDNIGHT + at - locale.offset(ANY_MIDNIGHT)) };
    this.root = svg(
      "svg",
      {
        width,
        height,
        viewBox: `0 0 ${width} ${height}`,
        "font-size": layout.font,
        role: "group",
        "aria-label": locale.say("chart_14_days"),
      },
      svg("defs", {}, glucoseColours("median-colours", layout.glucose, y, limits)),
      targetRange({ layout, locale, limits }, y),
      timeAxis({ layout, x, locale: clock, view: { start: 0, end: DAY, now: 0, wholeDay: true } }),
      ...(this.days.length >= ENOUGH_DAYS ? this._usual() : []),
      svg("g", { class: "days", "aria-hidden": "true" }, ...this._courses),
      this.slider,
    );
    this.show(null);
  }

  /** What most days were like, by time of day; nothing where too few days say. */
  _usual() {
    const bins = Array.from({ length: DAY / BIN }, () => ({ days: new Set(), values: /** @type {number[]} */ ([]) }));
    for (const { key, readings } of this.days) {
      for (const reading of readings) {
        const bin = bins[Math.floor(((reading.at + this._locale.offset(reading.at)) % DAY) / BIN)];
        bin.days.add(key);
        bin.values.push(/** @type {number} */ (shownGlucose(reading)));
      }
    }
    const stretches = unbroken(
      bins.map(({ days, values }, index) => {
        if (days.size < ENOUGH_DAYS) return null;
        return { at: (index + 0.5) * BIN, values: values.sort((one, other) => one - other) };
      }),
    );
    const along = (/** @type {Bin[]} */ stretch, /** @type {number} */ share) =>
      stretch.map(({ at, values }) => /** @type {[number, number]} */ ([this._x(at), this._y(quantile(values, share))]));
    const band = (/** @type {number} */ low, /** @type {number} */ high) =>
      stretches.map((one) => `${line([...along(one, high), ...along(one, low).reverse()])}Z`).join("");
    return [
      svg("path", { class: "most", d: band(0.1, 0.9) }),
      svg("path", { class: "half", d: band(0.25, 0.75) }),
      svg("path", { class: "median", d: stretches.map((one) => line(along(one, 0.5))).join(""), stroke: "url(#median-colours)" }),
    ];
  }

  /**
   * The day whose line is nearest to a pointer.
   * @param {number} px
   * @param {number} py
   * @returns {Choice | null}
   */
  pick(px, py) {
    let best = null;
    let least = Infinity;
    for (const day of this.days) {
      day.points.forEach(([x, y], index) => {
        const far = Math.hypot(x - px, y - py);
        if (far < least) [best, least] = [{ day, reading: day.readings[index] }, far];
      });
    }
    return best;
  }

  /**
   * @param {Choice | null} choice
   * @param {string} key
   * @returns {Choice | null}
   */
  slide(choice, key) {
    const last = this.days.length - 1;
    const index = choice ? this.days.findIndex(({ key }) => key === choice.day.key) : last;
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -last, End: last, focus: 0 };
    if (!(key in steps) || last < 0) return null;
    const day = this.days[Math.min(Math.max(index + (steps[key] || 0), 0), last)];
    return { day, reading: null };
  }

  /**
   * @param {Choice} choice
   * @returns {Choice | null}
   */
  again(choice) {
    const day = this.days.find(({ key }) => key === choice.day.key);
    return day ? { day, reading: null } : null;
  }

  /** @param {Choice | null} choice */
  show(choice) {
    this._courses.forEach((course, index) =>
      course.classList.toggle("chosen", Boolean(choice && this.days[index].key === choice.day.key)),
    );
    this.root.classList.toggle("choosing", Boolean(choice));
    this._cursor.show(Boolean(choice?.reading));
    if (choice?.reading) {
      const { x, y } = this.placeOf(choice);
      this._cursor.put(x, y);
    }
    const shown = choice ?? this.slide(null, "focus");
    if (!shown) return;
    this._cursor.say(this.days.indexOf(shown.day) + 1, sentence(this.words(shown)));
  }

  /** @param {Choice} choice */
  placeOf({ day, reading }) {
    const [x, y] = day.points[reading ? day.readings.indexOf(reading) : 0];
    return { x, y };
  }

  /** @param {Choice} choice */
  words({ day, reading }) {
    const title = this._locale.day(day.start);
    if (!reading) return { title, details: [], day: day.key };
    const words = `${this._locale.time(reading.at)} ${readingWords(this._locale, reading)}`;
    return { title: `${title}, ${words}`, details: [], day: day.key };
  }
}

/**
 * Readings by local day, each at its time on the wall.
 * @param {Reading[]} readings
 * @param {LaterLocale} locale
 * @param {Scale} x
 * @param {Scale} y
 */
function daysOf(readings, locale, x, y) {
  /** @type {Map<number, OneDay>} */
  const days = new Map();
  for (const reading of readings) {
    const value = shownGlucose(reading);
    if (value === null) continue;
    const wall = reading.at + locale.offset(reading.at);
    const midnight = Math.floor(wall / DAY) * DAY;
    let day = days.get(midnight);
    if (!day) {
      const key = new Date(midnight).toISOString().slice(0, 10);
      day = { key, start: reading.at, readings: [], points: [] };
      days.set(midnight, day);
    }
    day.readings.push(reading);
    day.points.push([x(wall - midnight), y(value)]);
  }
  return [...days.values()];
}

/**
 * Those that follow one another without a gap.
 * @param {(Bin | null)[]} bins
 */
function unbroken(bins) {
  /** @type {Bin[][]} */
  const stretches = [];
  bins.forEach((bin, index) => {
    if (bin && bins[index - 1]) stretches[stretches.length - 1].push(bin);
    else if (bin) stretches.push([bin]);
  });
  return stretches;
}

/**
 * @param {number[]} sorted
 * @param {number} share
 */
function quantile(sorted, share) {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const next = sorted[Math.min(below + 1, sorted.length - 1)];
  return sorted[below] + (next - sorted[below]) * (place - below);
}
