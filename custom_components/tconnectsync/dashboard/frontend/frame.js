// Everything around the picture: head, ranges and notices.

import { RANGES } from "./config.js";
import { showMore } from "./entities.js";
import { styles } from "./styles.js";

const SKELETON = `
  <ha-card>
    <div class="card">
      <header>
        <div class="title"></div>
        <div class="values"></div>
        <div class="age"></div>
        <div class="pills"></div>
      </header>
      <div class="raised" role="alert" hidden></div>
      <div class="notice" role="status" hidden></div>
      <nav class="coming">
        <div class="ranges" role="group"></div>
        <input class="strip" type="range" />
        <div class="day">
          <button class="before"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M15 5 8 12l7 7" /></svg></button>
          <label><span></span><input type="date" tabindex="-1" aria-hidden="true" /></label>
          <button class="after"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="m9 5 7 7-7 7" /></svg></button>
        </div>
      </nav>
      <div class="sums" hidden></div>
      <div class="view">
        <div class="plot"></div>
        <div class="tip" hidden></div>
        <div class="empty" role="status" hidden><p></p></div>
      </div>
      <footer>
        <div class="readout" hidden></div>
        <div class="legend" aria-hidden="true"></div>
      </footer>
    </div>
  </ha-card>`;

export class Frame {
  /**
   * @param {ShadowRoot} root
   * @param {(range: string) => void} onRange called with the range that is to be looked at
   */
  constructor(root, onRange) {
    const style = document.createElement("style");
    style.textContent = styles;
    const template = document.createElement("template");
    template.innerHTML = SKELETON;
    root.append(style, template.content);
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (root.querySelector(name));
    this.plot = part(".plot");
    this.nav = part("nav");
    this._span = [part(".strip"), part(".day")];
    this._host = root.host;
    /** @type {"" | "short" | "compact"} */
    this.size = "";
    this.parts = Object.fromEntries(
      ["title", "values", "pills", "sums", "age", "raised", "notice", "ranges", "empty", "readout", "tip", "legend", "view"].map((name) => [name, part(`.${name}`)]),
    );
    this._emptyWords = part(".empty p");
    this._buttons = RANGES.map((range) => {
      const button = document.createElement("button");
      button.dataset.range = range;
      button.addEventListener("click", () => onRange(range));
      return button;
    });
    this.parts.ranges.append(...this._buttons);
  }

  /**
   * Say everything in this language.
   * @param {import("./locale.js").Locale} locale
   */
  speak(locale) {
    for (const button of this._buttons) button.textContent = locale.say(`range_${button.dataset.range}`);
    this.parts.ranges.setAttribute("aria-label", locale.say("ranges"));
  }

  /**
   * What holds, and how old it is.
   * @param {string} title
   * @param {ReturnType<import("./summary.js").summary> | null} summary
   */
  head(title, summary) {
    const { title: name, values, age, raised } = this.parts;
    name.textContent = title;
    name.hidden = !title;
    values.replaceChildren(...(summary?.values ?? []).map(valueElement));
    age.textContent = summary?.age ?? "";
    raised.hidden = !summary?.raised.length;
    const words = (summary?.raised ?? []).map(({ words, since }) => `${words}, ${since}`).join(" · ");
    if (raised.textContent !== words) raised.textContent = words;
  }

  /** @param {"" | "short" | "compact"} size what there is room for */
  resize(size) {
    this.size = size;
    this._host.toggleAttribute("short", size === "short");
    this._host.toggleAttribute("compact", size === "compact");
  }

  /** @param {string[]} ranges to choose from */
  offer(ranges) {
    for (const button of this._buttons) button.hidden = !ranges.includes(button.dataset.range ?? "");
    this.parts.ranges.hidden = ranges.length < 2;
  }

  /** @param {number | undefined} height of the picture, undefined by the room there is */
  tall(height) {
    this.parts.view.style.flex = height ? `0 0 ${height}px` : "";
  }

  /**
   * A line above the picture, or none.
   * @param {string | null} words
   */
  notice(words) {
    this._say(this.parts.notice, words);
  }

  /**
   * Words in place of the picture, or over one in which there is nothing.
   * @param {string | null} words
   */
  empty(words) {
    this.parts.empty.hidden = !words;
    this._say(this._emptyWords, words);
  }

  /** @param {boolean} waiting for an answer */
  wait(waiting) {
    this.parts.view.classList.toggle("waiting", waiting);
  }

  /**
   * @param {string} range that is looked at
   * @param {boolean} isSummed whether there is a line of what it comes to
   */
  choose(range, isSummed) {
    for (const button of this._buttons) button.setAttribute("aria-pressed", String(button.dataset.range === range));
    for (const part of this._span) part.hidden = range === "14_days";
    this.parts.sums.hidden = !isSummed;
  }

  /**
   * @param {HTMLElement} part
   * @param {string | null} words
   */
  _say(part, words) {
    part.hidden = !words;
    if (part.textContent !== (words ?? "")) part.textContent = words ?? "";
  }
}

/**
 * @param {{name: string, label: string, value: string | null, unit: string, time: string, arrow?: string,
 *   level?: string, entity?: string}} one
 */
function valueElement({ name, label, value, unit, time, arrow = "", level = "", entity }) {
  const element = document.createElement(entity ? "button" : "div");
  if (entity) element.addEventListener("click", () => showMore(element, entity));
  element.className = `value ${name} ${level}`;
  const number = document.createElement("b");
  number.textContent = value ?? "–";
  const rest = document.createElement("span");
  rest.textContent = [unit, arrow].filter(Boolean).join(" ");
  const what = document.createElement("small");
  what.textContent = [label, time].filter(Boolean).join(" · ");
  element.append(number, rest, what);
  return element;
}
