// What of the card is loaded as soon as there is a first picture.

import { absence, failure, notice, updated } from "./no_picture.js";
import { Gestures } from "./gestures.js";
import { ExtraData } from "./extra_data.js";
import { AroundPicture } from "./around_picture.js";
import { staleNotice } from "./freshness.js";
import { legendOf } from "./legend.js";
import { Navigation } from "./navigation.js";
import { LaterChart } from "./later_chart.js";
import { LaterLocale } from "./later_locale.js";
import { LaterRecords } from "./later_records.js";

export { loadFullTexts } from "./later_texts.js";

const FORTNIGHT = () => import("./fortnight.js");

/**
 * @typedef {{hass: Hass, answer: any, options: Options, place: Place, view: View, locale: LaterLocale}} Around
 */

export class LaterCard {
  /**
   * @param {Frame} frame
   * @param {import("./load.js").Parts} parts
   * @param {{go: (place: Place) => void, changed: () => void}} acts `changed` is called when there is
   *   something else to be shown
   */
  constructor(frame, parts, { go, changed }) {
    this.Records = LaterRecords;
    this.Locale = LaterLocale;
    this._frame = frame;
    this._parts = parts;
    this._navigation = new Navigation(frame, go);
    this._around = new AroundPicture(frame, (day) => this._navigation.open(day));
    this._gestures = new Gestures(frame.plot, {
      tell: (words, place) => this._shown && this._around.tell(words, place, this._shown.locale),
      open: (day) => this._navigation.open(day),
      step: (steps) => this._navigation.swipe(steps),
    });
    this._extra = new ExtraData(parts, changed);
    /** @type {Around | null} */
    this._shown = null;
  }

  /**
   * Show small values anew when the state of one of the pump's entities is another.
   * @param {Hass} before
   * @param {Hass} hass
   */
  follow(before, hass) {
    if (!this._shown || !this._extra.isOther(before, hass, this._shown.answer?.device_id)) return;
    this._shown.hass = hass;
    this._pills(this._shown);
  }

  /** @param {Parameters<ExtraData["follow"]>[0]} wanted beside the records */
  ask(wanted) {
    this._extra.follow(wanted);
  }

  /** What the other sensor measured, the oldest first. */
  get readings() {
    return this._extra.readings;
  }

  /**
   * The newest of it, with its trend.
   * @param {Hass} hass
   * @param {string} entity
   */
  newest(hass, entity) {
    return this._extra.newest(hass, entity);
  }

  /**
   * Show what stands around the picture.
   * @param {Around} shown
   */
  showAround(shown) {
    const { answer, options, place, view, locale } = shown;
    this._shown = shown;
    this._pills(shown);
    this._around.sums(this._extra.sums(locale));
    this._navigation.show(place, view, answer?.first_day, locale);
    this._frame.root.host.toggleAttribute("night", isNight(options.night, view.now, locale));
  }

  /** @param {Around} around */
  _pills({ hass, answer, options, view, locale }) {
    const chosen = answer?.newest ? options.pills : [];
    this._around.pills(this._extra.pills({ hass, answer, chosen, now: view.now, locale }));
  }

  /**
   * What of the account keeps new data from coming, else that the card is an old one, in words; null when neither.
   * @param {any} answer
   * @param {number} now
   * @param {LaterLocale} locale
   */
  notice(answer, now, locale) {
    return notice(answer, locale) ?? staleNotice(answer, now, locale) ?? updated(answer, locale);
  }

  /**
   * Why there is no picture, or nothing in it; null when there is.
   * @param {{answer: any, failure: any, records: Records | null, view: View, live: LiveReading[], locale: LaterLocale}} what
   */
  absence({ answer, failure: error, records, view, live, locale }) {
    if (error) return failure(error, locale);
    if (live.some(({ at }) => at >= view.start && at <= view.end)) return null;
    return absence(answer, /** @type {LaterRecords | null} */ (records), view, locale);
  }

  /**
   * Draw the picture, and say what its colours mean.
   * @param {Scene} scene
   * @param {{width: number, height: number}} size
   * @param {boolean} isFortnight
   */
  show(scene, size, isFortnight) {
    const Picture = isFortnight ? this._parts.get(FORTNIGHT)?.FortnightPicture : LaterChart;
    if (!Picture) return;
    this._gestures.show(new Picture(/** @type {any} */ (scene), size));
    this._around.legend(legendOf(isFortnight, scene.shown, scene.live.length > 0, scene.locale));
  }

  /** Show no picture. */
  clear() {
    this._gestures.clear();
  }
}

/**
 * @param {{from: string, to: string} | null} night such as 22:00 to 07:00
 * @param {number} now
 * @param {Locale} locale
 */
function isNight(night, now, locale) {
  if (!night) return false;
  const time = new Date(now + locale.offset(now)).toISOString().slice(11, 16);
  const { from, to } = night;
  return from <= to ? time >= from && time < to : time >= from || time < to;
}
