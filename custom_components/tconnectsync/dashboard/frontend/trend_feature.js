// A tile's feature: glucose of three hours as a line against the target range, and where it ends.

import { Records, instant } from "./glucose_records.js";
import { Feed } from "./feed.js";
import { loadFullTexts } from "./later_texts.js";
import { shownGlucose } from "./layers/glucose_axis.js";
import { HOUR, MINUTE } from "./units.js";
import { line, svg } from "./svg.js";
import { textsOf } from "./texts.js";

const SPAN = 3 * HOUR;
const JOINED = HOUR / 5;
const WIDTH = 300;
const HEIGHT = 42;
const TOP = 250;
const BOTTOM = 40;
const STYLE = `
  :host { display: block; height: var(--feature-height, 42px); }
  svg { display: block; width: 100%; height: 100%; border-radius: var(--feature-border-radius, 12px); background: color-mix(in srgb, var(--primary-text-color) 4%, transparent); }
  .range { fill: color-mix(in srgb, var(--green-color) 16%, transparent); }
  .unknown { fill: color-mix(in srgb, var(--primary-text-color) 9%, transparent); }
  path { fill: none; stroke: var(--primary-text-color); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke; }
`;

export class TrendFeature extends HTMLElement {
  constructor() {
    super();
    const style = document.createElement("style");
    style.textContent = STYLE;
    this._plot = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" });
    this.attachShadow({ mode: "open" }).append(style, this._plot);
    /** @type {any} */
    this._hass = null;
    /** @type {any} */
    this._context = null;
    /** @type {any} */
    this._answer = null;
    this._feed = new Feed(
      (answer) => this._receive(answer),
      () => this._clear(),
    );
  }

  setConfig() {}

  /** @param {Hass} hass */
  set hass(hass) {
    const { language } = hass.locale;
    if (language !== this._hass?.locale.language) this._name(language);
    this._hass = hass;
    this._want();
  }

  /** @param {string} language */
  async _name(language) {
    await loadFullTexts(language);
    this._plot.setAttribute("aria-label", textsOf(language).trend);
  }

  /** @param {{entity_id?: string}} context */
  set context(context) {
    if (context?.entity_id !== this._context?.entity_id) this._clear();
    this._context = context;
    this._want();
  }

  connectedCallback() {
    this._timer = setInterval(() => this._tick(), MINUTE);
    document.addEventListener("visibilitychange", this);
    this._want();
  }

  disconnectedCallback() {
    clearInterval(this._timer);
    document.removeEventListener("visibilitychange", this);
    this._feed.stop();
  }

  /** A page is seen again: timers do not count sleep. */
  handleEvent() {
    this._want();
  }

  _tick() {
    this._feed.retry();
    this._want();
  }

  /** Show nothing of what is known no longer, or of another pump. */
  _clear() {
    this._answer = null;
    this._plot.replaceChildren();
  }

  _want() {
    const entity_id = this._context?.entity_id;
    if (!this._hass || !entity_id || !this.isConnected) return;
    const start = Math.floor((this._feed.now() - SPAN) / HOUR) * HOUR;
    this._feed.want(this._hass, { account: { entity_id }, start, end: null, kinds: ["glucose"], slack: HOUR });
    this._draw();
  }

  /** @param {any} answer */
  _receive(answer) {
    this._answer = { ...this._answer, ...answer };
    this._draw();
  }

  _draw() {
    const { records: raw, newest, clock_doubtful: doubtful, low_mg_dl: low, high_mg_dl: high } = this._answer ?? {};
    if (!raw || !newest) return;
    if (doubtful) return this._plot.replaceChildren();
    const now = this._feed.now();
    const records = new Records(raw, instant(newest));
    const x = (/** @type {number} */ at) => WIDTH * (1 - (now - at) / SPAN);
    const y = (/** @type {number} */ value) => HEIGHT * (1 - (Math.min(value, TOP) - BOTTOM) / (TOP - BOTTOM));
    const seen = records.glucose.flatMap((reading) => {
      const value = reading.at >= now - SPAN ? shownGlucose(reading) : null;
      return value === null ? [] : [{ at: reading.at, value }];
    });
    const ends = Math.max(0, x(Date.parse(newest)));
    this._plot.replaceChildren(
      svg("rect", { class: "range", x: 0, width: WIDTH, y: y(high), height: y(low) - y(high) }),
      svg("rect", { class: "unknown", x: ends, width: Math.max(0, WIDTH - ends), y: 0, height: HEIGHT }),
      svg("path", {
        d: line(
          seen.map(({ at, value }) => [x(at), y(value)]),
          (before, after) => seen[after].at - seen[before].at > JOINED,
        ),
      }),
    );
  }
}
