// Going through time: the days or hours before and after, and the strip that leads anywhere.

import { DAY, HOUR, MINUTE } from "./units.js";
import { FORTNIGHT } from "./ranges.js";

const SKELETON = `
  <input class="strip" type="range" />
  <div class="day">
    <button class="step before"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M15 5 8 12l7 7" /></svg></button>
    <div><button class="name"></button><input type="date" tabindex="-1" aria-hidden="true" /></div>
    <button class="step after"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="m9 5 7 7-7 7" /></svg></button>
  </div>`;

/** @typedef {ReturnType<typeof spanOf>} Span */

export class Navigation {
  /**
   * @param {Frame} frame
   * @param {(place: Place) => void} go
   */
  constructor(frame, go) {
    this._go = go;
    const nav = frame.part("nav");
    nav.insertAdjacentHTML("beforeend", SKELETON);
    nav.classList.remove("coming");
    this._name = frame.part(".day .name");
    this._input = /** @type {HTMLInputElement} */ (frame.part(".day input"));
    this._before = /** @type {HTMLButtonElement} */ (frame.part(".before"));
    this._after = /** @type {HTMLButtonElement} */ (frame.part(".after"));
    this._strip = /** @type {HTMLInputElement} */ (frame.part(".strip"));
    /** @type {{place: Place, now: number, locale: Locale} | null} */
    this._shown = null;
    /** @type {Span | null} */
    this._span = null;
    this._before.addEventListener("click", () => this._step(-1));
    this._after.addEventListener("click", () => this._step(1));
    this._strip.addEventListener("change", () => this._move(Number(this._strip.value)));
    this._name.addEventListener("click", () => this._input.showPicker());
    this._input.addEventListener("change", () => this._input.value && this.open(this._input.value));
  }

  /**
   * Say where among all that can be looked at this is.
   * @param {Place} place
   * @param {View} view
   * @param {string | undefined} firstDay that is kept
   * @param {Locale} locale
   */
  show(place, view, firstDay, locale) {
    this._shown = { place, now: view.now, locale };
    const span = (this._span = place.range === FORTNIGHT ? null : spanOf(place, view, firstDay, locale));
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
 * @param {View} view
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
