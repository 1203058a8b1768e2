// What stands around the whole picture: chosen values, sums, what was touched, and what the colours mean.

import { moreStyles } from "./more_styles.js";
import { svg } from "./svg.js";

/** From this width on details stand beside what was touched, so far from it. */
const WIDE = 860;
const GAP = 14;

export class FrameTools {
  /**
   * @param {import("./frame.js").Frame} frame
   * @param {(day: string) => void} onDay called with a day that is to be looked at
   */
  constructor(frame, onDay) {
    this._frame = frame;
    this._onDay = onDay;
    const style = document.createElement("style");
    style.textContent = moreStyles;
    frame.plot.getRootNode().appendChild(style);
  }

  /** @param {HTMLElement[]} pills */
  pills(pills) {
    this._frame.parts.pills.hidden = !pills.length;
    this._frame.parts.pills.replaceChildren(...pills);
  }

  /** @param {[string, string][]} figures name and words of each */
  sums(figures) {
    this._frame.parts.sums.replaceChildren(
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
   * @param {import("./locale.js").Locale} locale
   */
  tell(words, place, locale) {
    const { legend, tip } = this._frame.parts;
    const isWide = this._frame.size === "" && this._frame.parts.view.clientWidth >= WIDE;
    const readout = isWide ? tip : this._frame.parts.readout;
    this._frame.parts.readout.hidden = isWide || !words;
    tip.hidden = !isWide || !words;
    legend.classList.toggle("behind", Boolean(words) && !isWide);
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
    const { tip, view } = this._frame.parts;
    const { clientWidth: width, clientHeight: height } = view;
    const left = x + tip.offsetWidth + 2 * GAP < width ? x + GAP : x - GAP - tip.offsetWidth;
    tip.style.left = `${Math.max(left, 0)}px`;
    tip.style.top = `${Math.max(0, Math.min(y + GAP, height - tip.offsetHeight))}px`;
  }

  /** @param {[string, string, string?][]} items class, words and shape */
  legend(items) {
    this._frame.parts.legend.replaceChildren(
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
