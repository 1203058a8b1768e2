// The whole picture of a span of time, and what can be asked of it.

import { DayPicture } from "./chart.js";
import { activities } from "./layers/activity.js";
import { basal } from "./layers/basal.js";
import { shownGlucose } from "./layers/glucose_axis.js";
import { boluses, onBoard, unitsScale } from "./layers/insulin.js";
import { liveSensor } from "./layers/live_sensor.js";
import { hatching } from "./layers/hatchings.js";
import { marksOf } from "./marks.js";
import { HOUR, MINUTE } from "./units.js";
import { Cursor } from "./cursor.js";
import { svg } from "./svg.js";
import { NOTHING, nearest } from "./later_records.js";
import { momentWords, sentence } from "./mark_texts.js";

const STEP = 5 * MINUTE;

/** @typedef {{mark: Mark} | {at: number}} Choice */

export class LaterChart extends DayPicture {
  /**
   * @param {Scene} what
   * @param {{width: number, height: number}} size
   */
  constructor(what, size) {
    super(what, size);
    this.root.setAttribute("aria-label", this._label());
    this.show(null);
  }

  _label() {
    const { locale, view, records } = this._drawing;
    const words = [`${locale.say("chart")}, ${locale.timeOtherThan(view.start, view.end)} – ${locale.timeOtherThan(view.end, view.start)}`];
    if (records.newest !== null) words.push(locale.say("data_until", { time: locale.timeOtherThan(records.newest, view.now) }));
    return words.join(". ");
  }

  /** @param {Scale} y */
  _layers(y) {
    const drawing = /** @type {WholeDrawing} */ (this._drawing);
    const { shown, layout, locale, view } = drawing;
    this._records = drawing.records;
    const units = shown.boluses ? unitsScale(drawing) : null;
    /** @type {Mark[]} */
    this.marks = marksOf(drawing, units);
    const upright = { top: layout.glucose.top, bottom: layout.bottom };
    this._cursor = new Cursor(layout.font, locale.say("time_slider"), [view.start, this._last], upright);
    this.slider = this._cursor.element;
    return {
      behind: svg(
        "g",
        {},
        svg("defs", {}, hatching("extended", 5, 45), hatching("suspended", 6, -45)),
        shown.activities ? activities(drawing) : null,
      ),
      below: [
        shown.basal ? basal(drawing) : null,
        units ? onBoard(drawing, units) : null,
        units ? boluses(drawing, units) : null,
      ],
      above: [
        drawing.live.length ? liveSensor(drawing, y) : null,
        this.slider,
        svg("g", { class: "marks", role: "group", "aria-label": locale.say("marks") }, ...this.marks.map(({ element }) => element)),
      ],
    };
  }

  /**
   * What lies under a pointer: a mark near enough, or the moment.
   * @param {number} px
   * @param {number} py
   * @param {number} reach in pixels
   * @returns {Choice | null}
   */
  pick(px, py, reach) {
    const far = ({ box }) =>
      Math.hypot(Math.max(box.left - px, px - box.right, 0), Math.max(box.top - py, py - box.bottom, 0));
    const nearest = this.marks.reduce(
      (best, mark) => (!best || far(mark) < far(best) ? mark : best),
      /** @type {Mark | null} */ (null),
    );
    if (nearest && far(nearest) <= reach) return { mark: nearest };
    const { layout, x, view } = this._drawing;
    if (px < layout.left - 8 || px > layout.right + 8) return null;
    return this._moment(Math.min(Math.max(x.invert(px), view.start), this._last));
  }

  /**
   * Where a key leads from a moment.
   * @param {Choice | null} choice
   * @param {string} key
   * @returns {Choice | null}
   */
  slide(choice, key) {
    const { view } = this._drawing;
    const at = choice && "at" in choice ? choice.at : this._last;
    const steps = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageDown: -HOUR, PageUp: HOUR };
    if (key === "Home") return this._moment(view.start);
    if (key === "End" || key === "focus") return this._moment(key === "End" ? this._last : at);
    if (!(key in steps)) return null;
    return this._moment(Math.min(Math.max(at + steps[key], view.start), this._last));
  }

  /**
   * The moment of the reading nearest to an instant, or of the instant itself.
   * @param {number} at
   * @returns {Choice}
   */
  _moment(at) {
    const { view } = this._drawing;
    const reading = this._at(at).reading;
    return { at: reading && reading.at >= view.start && reading.at <= this._last ? reading.at : at };
  }

  /**
   * The same choice in this picture after another was drawn.
   * @param {Choice} choice
   * @returns {Choice | null}
   */
  again(choice) {
    if ("at" in choice) {
      const { view } = this._drawing;
      return choice.at >= view.start && choice.at <= view.end ? choice : null;
    }
    const mark = this.marks.find(({ id }) => id === choice.mark.id);
    return mark ? { mark } : null;
  }

  /**
   * What held at an instant; past the end of the pump's data only the other sensor tells.
   * @param {number} at
   */
  _at(at) {
    const { live } = this._drawing;
    const records = this._records;
    const held = records.when(at);
    const ahead = at > (records.newest ?? 0) ? nearest(live, at) : null;
    return ahead ? { ...NOTHING, reading: { ...ahead, state: "normal", trend: null, isLive: true } } : held;
  }

  /** @param {Choice | null} choice */
  show(choice) {
    const { x, locale } = this._drawing;
    for (const mark of this.marks) {
      mark.element.classList.toggle("chosen", Boolean(choice && "mark" in choice && choice.mark === mark));
    }
    const at = choice && "at" in choice ? choice.at : null;
    this._cursor.show(at !== null);
    const shown = at ?? this._last;
    const held = this._at(shown);
    const value = held.reading && shownGlucose(held.reading);
    this._cursor.put(x(shown), value === null ? null : this._glucose(value));
    this._cursor.say(shown, sentence(momentWords(locale, shown, held)));
  }

  /**
   * Where a choice is.
   * @param {Choice} choice
   */
  placeOf(choice) {
    if ("mark" in choice) {
      const { left, right, bottom } = choice.mark.box;
      return { x: (left + right) / 2, y: bottom };
    }
    return { x: this._drawing.x(choice.at), y: this._drawing.layout.glucose.top };
  }

  /** @param {Choice} choice */
  words(choice) {
    if ("mark" in choice) return choice.mark.words;
    return momentWords(this._drawing.locale, choice.at, this._at(choice.at));
  }
}
