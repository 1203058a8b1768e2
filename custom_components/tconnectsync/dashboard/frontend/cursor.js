// The line and the dot that a pointer or keys move through a picture.

import { fixed, svg } from "./svg.js";

export class Cursor {
  /**
   * @param {number} font its size
   * @param {string} label
   * @param {[number, number]} values the first and the last
   * @param {Strip} [line] from where to where it reaches; without one there is a dot alone
   */
  constructor(font, label, [first, last], line) {
    this._line = svg("line", line ? { y1: fixed(line.top), y2: fixed(line.bottom) } : {});
    this._dot = svg("circle", { r: fixed(font * 0.42) });
    this.element = svg(
      "g",
      { class: "cursor", role: "slider", tabindex: 0, "aria-label": label, "aria-valuemin": first, "aria-valuemax": last },
      this._line,
      this._dot,
    );
  }

  /**
   * @param {number} x
   * @param {number | null} y null where there is nothing to be pointed at
   */
  put(x, y) {
    for (const name of ["x1", "x2"]) this._line.setAttribute(name, String(fixed(x)));
    this._dot.setAttribute("cx", String(fixed(x)));
    this._dot.setAttribute("cy", String(y === null ? -99 : fixed(y)));
  }

  /** @param {boolean} isShown */
  show(isShown) {
    this.element.classList.toggle("shown", isShown);
  }

  /**
   * @param {number} value
   * @param {string} words
   */
  say(value, words) {
    this.element.setAttribute("aria-valuenow", String(value));
    this.element.setAttribute("aria-valuetext", words);
  }
}
