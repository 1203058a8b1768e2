// The picture of a stretch of time as it is first seen: glucose, its range and the time.

import { layOut } from "./layout.js";
import { axis } from "./layers/axis.js";
import { edge } from "./layers/edge.js";
import { glucose, glucoseScale, shownGlucose, targetRange } from "./layers/glucose.js";
import { patterns } from "./layers/patterns.js";
import { linear } from "./scales.js";
import { svg } from "./svg.js";

/** By how much the clock that a page reckons with may be late: what is told right now is not of the future. */
const MOMENT = 5000;

/**
 * @typedef {{start: number, end: number, now: number, wholeDay: boolean}} View
 * @typedef {{boluses: boolean, basal: boolean, activities: boolean, alarms: boolean, sites: boolean}} Shown
 * @typedef {{layout: import("./layout.js").Layout, view: View, x: import("./scales.js").Scale,
 *   records: import("./data.js").Records, locale: import("./locale.js").Locale,
 *   limits: {low: number, high: number}, shown: Shown, stale: boolean,
 *   live: import("./live.js").LiveReading[], localize: (key: string) => string}} Drawing
 */

export class DayPicture {
  /**
   * @param {Omit<Drawing, "layout" | "x">} what
   * @param {{width: number, height: number}} size
   */
  constructor(what, { width, height }) {
    const { view, shown, records, limits, locale } = what;
    const layout = layOut(width, height, {
      lane: shown.alarms || shown.sites || shown.basal,
      boluses: shown.boluses,
      basal: shown.basal,
    });
    const x = linear([view.start, view.end], [layout.left, layout.right]);
    const newest = records.newest ?? view.start;
    const ahead = what.live.filter(({ at }) => at > newest && at >= view.start && at <= view.end + MOMENT);
    /** @type {Drawing} */
    this._drawing = { ...what, layout, x, live: ahead };
    this._last = Math.min(view.end, Math.max(newest, ...ahead.map(({ at }) => at)));
    const values = records.glucose
      .filter(({ at }) => at >= view.start && at <= view.end)
      .map(shownGlucose)
      .filter((value) => value !== null);
    const y = (this._glucose = glucoseScale(layout.glucose, [...values, ...ahead.map(({ value }) => value)], limits.high));
    const { behind, below, above } = this._layers(y);
    this.root = svg(
      "svg",
      {
        width: layout.width,
        height: layout.height,
        viewBox: `0 0 ${layout.width} ${layout.height}`,
        "font-size": layout.font,
        role: "group",
        "aria-label": this._label(),
        "data-start": view.start,
        "data-end": view.end,
      },
      patterns(layout),
      behind,
      targetRange({ layout, locale, limits }, y),
      axis(this._drawing),
      ...below,
      glucose(this._drawing, y),
      edge(this._drawing),
      ...above,
    );
  }

  /**
   * What else is drawn: behind the range, below the glucose and above everything.
   * @param {import("./scales.js").Scale} _y
   * @returns {{behind: Node | null, below: (Node | null)[], above: (Node | null)[]}}
   */
  _layers(_y) {
    return { behind: null, below: [], above: [] };
  }

  _label() {
    const { locale, view, records } = this._drawing;
    const span = `${locale.timeOtherThan(view.start, view.end)} – ${locale.timeOtherThan(view.end, view.start)}`;
    const words = [`${locale.say("chart")}, ${span}`];
    if (records.newest !== null) {
      words.push(locale.say("data_until", { time: locale.timeOtherThan(records.newest, view.now) }));
    }
    return words.join(". ");
  }
}
