// The card: its life on a dashboard, what it asks for and what it shows.

import { DayPicture } from "./chart.js";
import { Records, instant } from "./data.js";
import { configForm, readConfig, stubConfig, suggestion } from "./editor.js";
import { Explorer } from "./explore.js";
import { Feed } from "./feed.js";
import { FortnightPicture } from "./fortnight.js";
import { Frame } from "./frame.js";
import { standing, troubleText } from "./header.js";
import { legendOf } from "./legend.js";
import { Locale } from "./locale.js";
import { DAY, HOUR } from "./scales.js";
import { textsOf } from "./texts.js";

const NAME = "tconnectsync-card";
const MINUTE = 60_000;
const DAYS_OVERLAID = 14;
/** What began before a picture may reach into it. */
const BEFORE = 4 * HOUR;
const FAILURES = {
  unknown_command: "not_set_up",
  account_not_found: "account_not_found",
  account_not_chosen: "account_not_chosen",
  unauthorized: "not_allowed",
};

class TconnectsyncCard extends HTMLElement {
  static getConfigForm() {
    return configForm();
  }

  /** @param {any} hass */
  static getStubConfig(hass) {
    return stubConfig(hass);
  }

  constructor() {
    super();
    this._frame = new Frame(this.attachShadow({ mode: "open" }), {
      onRange: (range) => this._go(range, null),
      onDay: (day) => this._go("day", day),
      onStep: (days) => this._go("day", this._locale.dayAfter(this._dayShown(), days)),
    });
    this._explorer = new Explorer(this._frame.plot, {
      tell: (words) => this._frame.tell(words),
      open: (day) => this._go("day", day),
    });
    this._feed = new Feed(
      (answer) => this._receive(answer),
      (error) => this._fail(error),
    );
    this._room = new ResizeObserver(() => this._draw());
    /** @type {any} */
    this._hass = null;
    /** @type {any} */
    this._answer = null;
    /** @type {Records | null} */
    this._records = null;
    /** @type {string | null} */
    this._failure = null;
    this._skew = 0;
    /** @type {string | null} */
    this._day = null;
  }

  /** @param {import("./editor.js").Config} config */
  setConfig(config) {
    const options = readConfig(config);
    if (options.range !== this._options?.range) this._range = options.range;
    this._options = options;
    this._update();
  }

  /** @param {any} hass */
  set hass(hass) {
    const before = this._hass;
    this._hass = hass;
    const changed = ["locale", "config", "connection", "connected", "localize"].some((key) => before?.[key] !== hass[key]);
    if (changed || this._unit() !== this._locale?.glucoseUnit) this._update();
  }

  /** @param {string} layout */
  set layout(layout) {
    this.toggleAttribute("panel", layout === "panel");
  }

  getCardSize() {
    return 9;
  }

  getGridOptions() {
    return { columns: 12, min_columns: 6, min_rows: 6 };
  }

  connectedCallback() {
    this._room.observe(this._frame.plot);
    this._update();
  }

  disconnectedCallback() {
    clearTimeout(this._timer);
    this._room.disconnect();
    this._feed.stop();
  }

  /** Ask for what is to be seen and show what is known; then again at every full minute. */
  _update() {
    if (!this._hass || !this._options || !this.isConnected) return;
    const unit = this._unit();
    if (!this._locale || this._locale.glucoseUnit !== unit || this._of !== this._hass.locale || this._zone !== this._hass.config.time_zone) {
      this._of = this._hass.locale;
      this._zone = this._hass.config.time_zone;
      this._locale = new Locale(this._hass, unit);
      this._frame.speak(this._locale);
    }
    if (this._feed.want(this._hass, this._wanted())) {
      this._records = null;
      this._failure = null;
    }
    this._draw();
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._update(), MINUTE - (this._now() % MINUTE));
  }

  /**
   * @param {string} range
   * @param {string | null} day
   */
  _go(range, day) {
    this._range = range;
    this._day = day && day < this._today() ? day : null;
    this._update();
  }

  /** @param {any} answer */
  _receive(answer) {
    this._skew = Date.parse(answer.now) - Date.now();
    this._failure = null;
    this._answer = { ...this._answer, ...answer };
    if (answer.records) this._records = new Records(answer.records, instant(answer.newest));
    this._update();
  }

  /** @param {any} error */
  _fail(error) {
    const known = FAILURES[error.translation_key] ?? FAILURES[error.code];
    const texts = textsOf(this._hass.locale.language);
    this._failure = known ? texts[known] : texts.failed.replace("{reason}", error.message ?? error.code);
    this._records = null;
    this._answer = null;
    this._draw();
  }

  /** The time by Home Assistant's clock: a tablet's may be wrong. */
  _now() {
    return Date.now() + this._skew;
  }

  _today() {
    return this._locale.dayKey(this._now());
  }

  _dayShown() {
    return this._day ?? this._today();
  }

  /** The unit in which the person has Home Assistant show the pump's glucose. */
  _unit() {
    const { states = {}, entities = {} } = this._hass;
    if (this._entities !== entities || this._device !== this._answer?.device_id) {
      this._entities = entities;
      this._device = this._answer?.device_id;
      this._glucose = Object.values(entities).find(
        ({ platform, device_id, translation_key }) =>
          platform === "tconnectsync" && device_id === this._device && translation_key === "glucose",
      )?.entity_id;
    }
    return states[this._glucose]?.attributes.unit_of_measurement ?? this._answer?.glucose_unit ?? "mg/dL";
  }

  /** @returns {import("./chart.js").View} */
  _view() {
    const now = this._now();
    const { _locale: locale } = this;
    if (this._range === "day") {
      const key = this._dayShown();
      return { now, start: locale.dayStart(key), end: locale.dayStart(locale.dayAfter(key, 1)), wholeDay: true };
    }
    if (this._range === "14_days") {
      const first = locale.dayAfter(this._today(), 1 - DAYS_OVERLAID);
      return { now, start: locale.dayStart(first), end: now, wholeDay: true };
    }
    return { now, start: now - Number(this._range) * HOUR, end: now, wholeDay: false };
  }

  /** @returns {import("./feed.js").Wanted} */
  _wanted() {
    const { account } = this._options;
    const { start, end } = this._view();
    if (this._range === "day") return { account, start: start - BEFORE, end, slack: 0 };
    if (this._range === "14_days") return { account, start, end: null, kinds: ["glucose"], slack: 0 };
    const since = Math.floor((end - DAY - BEFORE) / HOUR) * HOUR;
    return { account, start: since, end: null, slack: DAY };
  }

  _draw() {
    if (!this._locale || !this.isConnected) return;
    const { _answer: answer, _frame: frame, _locale: locale, _hass: hass } = this;
    const known = answer?.state === "loaded" || answer?.newest !== undefined;
    const holds = known ? standing(answer, this._now(), locale, hass.localize) : null;
    frame.head(this._title(), holds);
    frame.choose(this._range, this._range === "day" ? this._dayChoice() : null);
    frame.notice(this._notice(holds));
    frame.wait(!this._records && !this._failure);
    const words = this._emptyWords();
    frame.empty(words);
    if (words && !this._drawable()) this._explorer.clear();
    else if (this._records) this._picture(holds);
  }

  _title() {
    const { title } = this._options;
    if (title !== undefined && title !== null) return title;
    const device = this._hass.devices?.[this._answer?.device_id];
    return device?.name_by_user ?? device?.name ?? this._answer?.pump ?? "";
  }

  _dayChoice() {
    const key = this._dayShown();
    const last = this._today();
    const first = this._answer?.first_day ?? last;
    return { key, first, last, name: this._locale.day(this._locale.dayStart(key) + DAY / 2) };
  }

  /** @param {ReturnType<typeof standing> | null} holds */
  _notice(holds) {
    const { _answer: answer, _locale: locale } = this;
    if (!this._hass.connected) return locale.say("disconnected");
    if (!answer || this._failure) return null;
    if (answer.state === "removed") return locale.say("account_removed");
    const trouble = troubleText(answer.trouble, locale);
    if (trouble || answer.state !== "loaded") return trouble ?? locale.say("account_not_loaded");
    if (!holds?.stale) return null;
    return locale.say("stale", { age: locale.duration(this._now() - /** @type {number} */ (holds.newest)) });
  }

  /** Whether there is anything to draw axes for. */
  _drawable() {
    return Boolean(this._records && this._answer?.newest);
  }

  _emptyWords() {
    const { _answer: answer, _locale: locale, _records: records } = this;
    if (this._failure) return this._failure;
    if (!answer) return locale.say("loading");
    if (answer.newest === undefined) return " ";
    if (!answer.pump) return locale.say("no_pump");
    if (!answer.newest) return locale.say("no_data_yet");
    if (!records) return null;
    const { start, end, now } = this._view();
    if (records.hasAny(start, end)) return null;
    const newest = Date.parse(answer.newest);
    if (newest >= start) return locale.say("no_data");
    return locale.say("no_data_since", { time: locale.timeOtherThan(newest, now), age: locale.duration(now - newest) });
  }

  /** @param {ReturnType<typeof standing> | null} holds */
  _picture(holds) {
    const { clientWidth: width, clientHeight: height } = this._frame.plot;
    if (!width || !height) return;
    const { _answer: answer, _locale: locale, _hass: hass } = this;
    const fortnight = this._range === "14_days";
    const what = {
      view: this._view(),
      records: /** @type {Records} */ (this._records),
      locale,
      limits: { low: answer.low_mg_dl, high: answer.high_mg_dl },
      shown: this._options.shown,
      stale: Boolean(holds?.stale),
      localize: hass.localize,
    };
    const Picture = fortnight ? FortnightPicture : DayPicture;
    this._explorer.show(new Picture(what, { width, height }));
    this._frame.legend(legendOf(fortnight, this._options.shown, locale));
  }
}

if (!customElements.get(NAME)) {
  customElements.define(NAME, TconnectsyncCard);
  const texts = textsOf(document.documentElement.lang || "en");
  const cards = (/** @type {any} */ (window).customCards ??= []);
  cards.push({
    type: NAME,
    name: texts.name,
    description: texts.description,
    preview: true,
    getEntitySuggestion: suggestion,
  });
}
