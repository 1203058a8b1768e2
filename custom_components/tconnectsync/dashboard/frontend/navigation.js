// Going through time: the days or hours before and after, and the strip that leads anywhere.

import { DAY, HOUR } from "./scales.js";

const MINUTE = 60_000;

/**
 * @typedef {import("./view.js").Place} Place
 * @typedef {import("./locale.js").Locale} Locale
 * @typedef {ReturnType<typeof spanOf>} Span
 */

export class Navigation {
  /**
   * @param {import("./frame.js").Frame} frame
   * @param {(place: Place) => void} go
   */
  constructor({ nav }, go) {
    this._go = go;
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (nav.querySelector(name));
    this._name = part(".day span");
    this._input = /** @type {HTMLInputElement} */ (part(".day input"));
    this._before = /** @type {HTMLButtonElement} */ (part(".before"));
    this._after = /** @type {HTMLButtonElement} */ (part(".after"));
    this._strip = /** @type {HTMLInputElement} */ (part(".strip"));
    /** @type {{place: Place, now: number, locale: Locale} | null} */
    this._shown = null;
    /** @type {Span | null} */
    this._span = null;
    this._before.addEventListener("click", () => this._step(-1));
    this._after.addEventListener("click", () => this._step(1));
    this._strip.addEventListener("change", () => this._move(Number(this._strip.value)));
    this._name.tabIndex = 0;
    this._name.setAttribute("role", "button");
    const choose = () => this._input.showPicker();
    this._name.addEventListener("click", choose);
    this._name.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") choose();
    });
    this._input.addEventListener("change", () => this._input.value && this.open(this._input.value));
    nav.classList.remove("coming");
  }

  /**
   * Say where among all that can be looked at this is.
   * @param {Place} place
   * @param {import("./chart.js").View} view
   * @param {string | undefined} firstDay that is kept
   * @param {Locale} locale
   */
  show(place, view, firstDay, locale) {
    this._shown = { place, now: view.now, locale };
    const span = (this._span = place.range === "14_days" ? null : spanOf(place, view, firstDay, locale));
    this._name.title = locale.say("choose_day");
    this._strip.setAttribute("aria-label", locale.say("go_to"));
    if (!span) return;
    const { from, to, at, step } = span.strip;
    Object.assign(this._strip, { min: String(from), max: String(to), step: String(step) });
    this._strip.value = String(at);
    this._strip.setAttribute("aria-valuetext", span.name);
    this._name.textContent = span.name;
    Object.assign(this._input, { value: span.key, min: span.first, max: span.last });
    this._before.disabled = !span.before;
    this._after.disabled = !span.after;
    const words = place.range === "day" ? ["day_before", "day_after"] : ["earlier", "later"];
    this._before.setAttribute("aria-label", locale.say(words[0]));
    this._after.setAttribute("aria-label", locale.say(words[1]));
  }

  /**
   * Look at a day.
   * @param {string} day
   */
  open(day) {
    if (!this._shown) return;
    const { now, locale } = this._shown;
    this._go({ range: "day", day: day < locale.dayKey(now) ? day : null, until: null });
  }

  /**
   * Step, as far as there is anything to look at.
   * @param {number} steps
   */
  swipe(steps) {
    if (!this._span || (steps < 0 ? !this._span.before : !this._span.after)) return;
    this._step(steps);
  }

  /**
   * Look at the day, or the hours, before or after those that are shown.
   * @param {number} steps
   */
  _step(steps) {
    if (!this._shown) return;
    const { place, now, locale } = this._shown;
    if (place.range === "day") {
      this.open(locale.dayAfter(place.day ?? locale.dayKey(now), steps));
      return;
    }
    const until = (place.until ?? now) + steps * Number(place.range) * HOUR;
    this._go({ ...place, until: until < now - MINUTE ? until : null });
  }

  /**
   * Look at the day of an instant, or at the hours up to it.
   * @param {number} at
   */
  _move(at) {
    if (!this._shown) return;
    const { place, now, locale } = this._shown;
    if (place.range === "day") this.open(locale.dayKey(at));
    else this._go({ ...place, until: at < now - HOUR ? at : null });
  }
}

/**
 * @param {Place} place
 * @param {import("./chart.js").View} view
 * @param {string | undefined} firstDay
 * @param {Locale} locale
 */
function spanOf({ range, day, until }, view, firstDay, locale) {
  const last = locale.dayKey(view.now);
  const first = firstDay ?? last;
  const from = locale.dayStart(first) + (range === "day" ? DAY / 2 : Number(range) * HOUR);
  if (range === "day") {
    const key = day ?? last;
    const noon = (/** @type {string} */ day) => Math.round((Date.parse(day) - Date.parse(first)) / DAY) * DAY + from;
    return {
      strip: { from, to: noon(last), at: noon(key), step: DAY },
      key,
      last,
      first,
      name: locale.day(view.start + DAY / 2),
      before: key > first,
      after: key < last,
    };
  }
  const to = Math.max(Math.ceil((view.now - from) / HOUR), 0) * HOUR + from;
  return {
    strip: { from, to, at: until === null ? to : view.end, step: HOUR },
    key: locale.dayKey(view.start),
    last,
    first,
    name: `${locale.timeOtherThan(view.start, view.now)} – ${locale.timeOtherThan(view.end, view.now)}`,
    before: locale.dayKey(view.start) > first,
    after: view.end < view.now,
  };
}
