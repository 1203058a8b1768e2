// What stands around the whole picture: chosen values, sums, what was touched, and what the colours mean.

import { replace } from "./frame.js";
import { laterStyles } from "./later_styles.js";
import { svg } from "./svg.js";

/** From this width on details stand beside what was touched, so far from it. */
const WIDE = 860;
const GAP = 14;

export class AroundPicture {
  /**
   * @param {Frame} frame
   * @param {(day: string) => void} onDay called with a day that is to be looked at
   */
  constructor(frame, onDay) {
    this._frame = frame;
    this._onDay = onDay;
    frame.dress(laterStyles);
    frame.part("footer").innerHTML = `<div class="readout" hidden></div><div class="legend" aria-hidden="true"></div>`;
    this._view = frame.part(".view");
    this._view.insertAdjacentHTML("beforeend", `<div class="tip" hidden></div>`);
    this._tip = frame.part(".tip");
    this._readout = frame.part(".readout");
    this._legend = frame.part(".legend");
  }

  /** @param {HTMLElement[]} pills */
  pills(pills) {
    const part = this._frame.part(".pills");
    part.hidden = !pills.length;
    replace(part, pills);
  }

  /** @param {[string, string][]} figures name and words of each */
  sums(figures) {
    this._frame.part(".sums").replaceChildren(
      ...figures.map(([name, words]) => {
        const figure = document.createElement("span");
        figure.className = name;
        figure.textContent = words;
        return figure;
      }),
    );
  }

  /**
   * What was touched; without it the line says what the colours mean.
   * Where there is room it stands beside what was touched.
   * @param {{title: string, details: string[], day?: string} | null} words
   * @param {{x: number, y: number} | null} place
   * @param {LaterLocale} locale
   */
  tell(words, place, locale) {
    const isWide = this._frame.size === "" && this._view.clientWidth >= WIDE;
    const readout = isWide ? this._tip : this._readout;
    this._readout.hidden = isWide || !words;
    this._tip.hidden = !isWide || !words;
    this._legend.classList.toggle("behind", Boolean(words) && !isWide);
    if (!words) return;
    const title = document.createElement("strong");
    title.textContent = words.title;
    const details = words.details.map((detail) => {
      const span = document.createElement("span");
      span.textContent = detail;
      return span;
    });
    readout.replaceChildren(title, ...details);
    if (isWide && place) this._placeTip(place);
    if (!words.day) return;
    const open = document.createElement("button");
    open.textContent = locale.say("open_day");
    open.addEventListener("click", () => this._onDay(/** @type {string} */ (words.day)));
    readout.append(open);
  }

  /** @param {{x: number, y: number}} place of what the tip is about, which it must not cover */
  _placeTip({ x, y }) {
    const { _tip: tip } = this;
    const { clientWidth: width, clientHeight: height } = this._view;
    const left = x + tip.offsetWidth + 2 * GAP < width ? x + GAP : x - GAP - tip.offsetWidth;
    tip.style.left = `${Math.max(left, 0)}px`;
    tip.style.top = `${Math.max(0, Math.min(y + GAP, height - tip.offsetHeight))}px`;
  }

  /** @param {[string, string, string?][]} items class, words and shape */
  legend(items) {
    this._legend.replaceChildren(
      ...items.map(([name, words, shape]) => {
        const item = document.createElement("span");
        item.className = name;
        if (shape) item.append(svg("svg", { viewBox: "-1 -1 2 2" }, svg("path", { class: "shape", d: shape })));
        item.append(words);
        return item;
      }),
    );
  }
}
