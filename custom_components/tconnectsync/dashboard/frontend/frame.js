// Everything around the picture: head, ranges, notices, and the line that tells what was touched.

import { RANGES } from "./config.js";
import { showMore } from "./entities.js";
import { styles } from "./styles.js";
import { svg } from "./svg.js";

/** From this width on details stand beside what was touched, so far from it. */
const WIDE = 860;
const GAP = 14;

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
      <nav>
        <div class="ranges" role="group"></div>
        <input class="strip" type="range" />
        <div class="day" hidden>
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
   * @param {{onRange: (range: string) => void, onDay: (day: string) => void, onStep: (steps: number) => void,
   *   onMove: (at: number) => void}} acts
   */
  constructor(root, { onRange, onDay, onStep, onMove }) {
    const style = document.createElement("style");
    style.textContent = styles;
    const template = document.createElement("template");
    template.innerHTML = SKELETON;
    root.append(style, template.content);
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (root.querySelector(name));
    this.plot = part(".plot");
    this._host = root.host;
    /** @type {"" | "short" | "compact"} */
    this.size = "";
    this._parts = Object.fromEntries(
      ["title", "values", "pills", "sums", "age", "raised", "notice", "ranges", "day", "before", "after", "empty", "readout", "tip", "legend", "view"].map(
        (name) => [name, part(`.${name}`)],
      ),
    );
    this._emptyWords = part(".empty p");
    this._dayName = part(".day span");
    this._dayInput = /** @type {HTMLInputElement} */ (part(".day input"));
    this._onDay = onDay;
    this._wordsOf = (/** @type {string} */ key) => key;
    this._buttons = RANGES.map((range) => {
      const button = document.createElement("button");
      button.dataset.range = range;
      button.addEventListener("click", () => onRange(range));
      return button;
    });
    this._parts.ranges.append(...this._buttons);
    this._parts.before.addEventListener("click", () => onStep(-1));
    this._parts.after.addEventListener("click", () => onStep(1));
    this._strip = /** @type {HTMLInputElement} */ (part(".strip"));
    this._strip.addEventListener("change", () => onMove(Number(this._strip.value)));
    this._dayName.tabIndex = 0;
    this._dayName.setAttribute("role", "button");
    const choose = () => this._dayInput.showPicker();
    this._dayName.addEventListener("click", choose);
    this._dayName.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") choose();
    });
    this._dayInput.addEventListener("change", () => this._dayInput.value && onDay(this._dayInput.value));
  }

  /**
   * Say everything in this language.
   * @param {import("./locale.js").Locale} locale
   */
  speak(locale) {
    for (const button of this._buttons) button.textContent = locale.say(`range_${button.dataset.range}`);
    this._parts.ranges.setAttribute("aria-label", locale.say("ranges"));
    this._wordsOf = (/** @type {string} */ key) => locale.say(key);
    this._dayName.title = locale.say("choose_day");
    this._strip.setAttribute("aria-label", locale.say("go_to"));
    this._openWords = locale.say("open_day");
  }

  /**
   * What holds, and how old it is.
   * @param {string} title
   * @param {ReturnType<import("./summary.js").summary> | null} summary
   */
  head(title, summary) {
    const { title: name, values, age, raised } = this._parts;
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

  /** @param {HTMLElement[]} pills */
  pills(pills) {
    this._parts.pills.hidden = !pills.length;
    this._parts.pills.replaceChildren(...pills);
  }

  /** @param {[string, string][] | null} figures name and words of each, null where there are none to come */
  sums(figures) {
    this._parts.sums.hidden = !figures;
    if (!figures) return;
    this._parts.sums.replaceChildren(
      ...figures.map(([name, words]) => {
        const figure = document.createElement("span");
        figure.className = name;
        figure.textContent = words;
        return figure;
      }),
    );
  }

  /** @param {string[]} ranges to choose from */
  offer(ranges) {
    for (const button of this._buttons) button.hidden = !ranges.includes(button.dataset.range ?? "");
    this._parts.ranges.hidden = ranges.length < 2;
  }

  /** @param {number | undefined} height of the picture, undefined by the room there is */
  tall(height) {
    this._parts.view.style.flex = height ? `0 0 ${height}px` : "";
  }

  /**
   * A line above the picture, or none.
   * @param {string | null} words
   */
  notice(words) {
    this._say(this._parts.notice, words);
  }

  /**
   * Words in place of the picture, or over one in which there is nothing.
   * @param {string | null} words
   */
  empty(words) {
    this._parts.empty.hidden = !words;
    this._say(this._emptyWords, words);
  }

  /** @param {boolean} waiting for an answer */
  wait(waiting) {
    this._parts.view.classList.toggle("waiting", waiting);
  }

  /**
   * @param {string} range
   * @param {{key: string, name: string, first: string, last: string, before: boolean, after: boolean,
   *   strip: {from: number, to: number, at: number, step: number}} | null} span
   *   the day of its end, its name, the days there are, whether there is more before and after it, and
   *   where it is among all that can be looked at
   */
  choose(range, span) {
    for (const button of this._buttons) button.setAttribute("aria-pressed", String(button.dataset.range === range));
    this._parts.day.hidden = this._strip.hidden = !span;
    if (!span) return;
    const { from, to, at, step } = span.strip;
    Object.assign(this._strip, { min: String(from), max: String(to), step: String(step) });
    this._strip.value = String(at);
    this._strip.setAttribute("aria-valuetext", span.name);
    this._dayName.textContent = span.name;
    Object.assign(this._dayInput, { value: span.key, min: span.first, max: span.last });
    const { before, after } = this._parts;
    /** @type {HTMLButtonElement} */ (before).disabled = !span.before;
    /** @type {HTMLButtonElement} */ (after).disabled = !span.after;
    const words = range === "day" ? ["day_before", "day_after"] : ["earlier", "later"];
    before.setAttribute("aria-label", this._wordsOf(words[0]));
    after.setAttribute("aria-label", this._wordsOf(words[1]));
  }

  /**
   * What was touched; without it the line says what the colours mean.
   * Where there is room it stands beside what was touched.
   * @param {{title: string, details: string[], day?: string} | null} words
   * @param {{x: number, y: number} | null} place
   */
  tell(words, place) {
    const { legend, tip } = this._parts;
    const isWide = this.size === "" && this._parts.view.clientWidth >= WIDE;
    const readout = isWide ? tip : this._parts.readout;
    this._parts.readout.hidden = isWide || !words;
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
    open.textContent = this._openWords ?? "";
    open.addEventListener("click", () => this._onDay(/** @type {string} */ (words.day)));
    readout.append(open);
  }

  /** @param {{x: number, y: number}} place of what the tip is about, which it must not cover */
  _placeTip({ x, y }) {
    const { tip, view } = this._parts;
    const { clientWidth: width, clientHeight: height } = view;
    const left = x + tip.offsetWidth + 2 * GAP < width ? x + GAP : x - GAP - tip.offsetWidth;
    tip.style.left = `${Math.max(left, 0)}px`;
    tip.style.top = `${Math.max(0, Math.min(y + GAP, height - tip.offsetHeight))}px`;
  }

  /** @param {[string, string, string?][]} items class, words and shape */
  legend(items) {
    this._parts.legend.replaceChildren(
      ...items.map(([name, words, shape]) => {
        const item = document.createElement("span");
        item.className = name;
        if (shape) item.append(svg("svg", { viewBox: "-1 -1 2 2" }, svg("path", { class: "shape", d: shape })));
        item.append(words);
        return item;
      }),
    );
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
