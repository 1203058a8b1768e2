// The card: its life on a dashboard, what it asks for and what it shows.

import { DayPicture } from "./chart.js";
import { Records, instant } from "./data.js";
import { readConfig } from "./config.js";
import { entityOf } from "./entities.js";
import { Feed } from "./feed.js";
import { Frame } from "./frame.js";
import { Parts, load } from "./load.js";
import { Locale } from "./locale.js";
import { RememberedRange } from "./remembered_range.js";
import { notice, summary } from "./summary.js";
import { hasTexts, loadTexts } from "./texts.js";
import { SUMMED, viewOf, wantedFor } from "./view.js";

const NAME = "tconnectsync-card";
const COMPACT_NAME = "tconnectsync-compact-card";
/** Heights below which a card leaves out what has no room: the legend and sums, then everything but glucose. */
const SHORT = 560;
const COMPACT = 330;
/** Height of a picture below which glucose gets what basal would take. */
const ROOM_FOR_BASAL = 200;
const MINUTE = 60_000;
const NOTHING_ELSE = { boluses: false, basal: false, activities: false, alarms: false, sites: false };
/** Which entity each value of the header is of. */
const VALUES = { glucose: "glucose", "on-board": "insulin_on_board_estimate", basal: "basal_rate" };
/** What is loaded when it is wanted. */
const PARTS = {
  more: () => import("./more.js"),
  fortnight: () => import("./fortnight.js"),
  live: () => import("./live.js"),
  pills: () => import("./pills.js"),
  day_line: () => import("./day_line.js"),
};
/** What of Home Assistant the card depends on, besides its own answers. */
const WATCHED = ["locale", "config", "connection", "connected", "localize"];

class TconnectsyncCard extends HTMLElement {
  static async getConfigElement() {
    const { EDITOR } = await load(() => import("./editor.js"));
    return document.createElement(EDITOR);
  }

  /** @param {any} hass */
  static async getStubConfig(hass) {
    return (await load(() => import("./offers.js"))).stubConfig(hass);
  }

  constructor() {
    super();
    this._frame = new Frame(this.attachShadow({ mode: "open" }), (range) => this._go({ range, day: null, until: null }));
    this._parts = new Parts(PARTS, () => this._update());
    /** @type {import("./more.js").More | null} */
    this._more = null;
    this._feed = new Feed(
      (answer) => this._receive(answer),
      (error) => this._fail(error),
    );
    this._room = new ResizeObserver(() => this._fit());
    /** @type {ReturnType<typeof readConfig> | null} */
    this._options = null;
    /** @type {any} */
    this._hass = null;
    /** @type {Locale | null} */
    this._locale = null;
    /** @type {any} */
    this._answer = null;
    /** @type {Records | null} */
    this._records = null;
    /** @type {any} */
    this._failure = null;
    this._skew = 0;
    /** @type {import("./view.js").Place} */
    this._place = { range: "", day: null, until: null };
    this._remembered = new RememberedRange();
    this._layout = "";
  }

  /** @param {import("./config.js").Config} config */
  setConfig(config) {
    const options = readConfig(config);
    if (options.range !== this._options?.range) {
      const range = this._options ? null : this._remembered.of(options.account, options.ranges);
      this._place = { range: range ?? options.range, day: null, until: null };
    }
    this._options = options;
    this._frame.offer(options.ranges);
    this._frame.tall(options.height);
    this._update();
  }

  /** @param {any} hass */
  set hass(hass) {
    const before = this._hass;
    this._hass = hass;
    const live = this._liveEntity();
    const other = (/** @type {string} */ id) => before?.states[id] !== hass.states[id];
    if (this._more?.followers.isOther(before, hass, this._answer?.device_id)) this._showPills();
    if (!before || (live && other(live)) || WATCHED.some((key) => before[key] !== hass[key]) || this._unit() !== this._locale?.glucoseUnit) {
      this._update();
    }
  }

  /** @param {string} layout */
  set layout(layout) {
    this._layout = layout;
    this.toggleAttribute("panel", layout === "panel");
  }

  getCardSize() {
    return 9;
  }

  getGridOptions() {
    return { columns: 12, min_columns: 6, min_rows: 6 };
  }

  /** Leave out what has no room at this height; a card as tall as it likes has room for everything. */
  _fit() {
    const height = this._isBounded() ? this.clientHeight : Infinity;
    if (height) this._frame.resize(this._isCompact() || height < COMPACT ? "compact" : height < SHORT ? "short" : "");
    this._draw();
  }

  /** Whether its height is that of a panel or of some rows, not its own. */
  _isBounded() {
    const rows = this._layout === "grid" ? getComputedStyle(this).getPropertyValue("--row-size").trim() : "";
    return this.hasAttribute("panel") || Boolean(rows);
  }

  _isCompact() {
    return false;
  }

  connectedCallback() {
    this._room.observe(this._frame.plot);
    this._room.observe(this);
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
    const { locale, config } = this._hass;
    if (!hasTexts(locale.language)) {
      loadTexts(locale.language).then(() => this._update());
      return;
    }
    const spoken = [locale, config.time_zone, this._unit()];
    if (!this._locale || spoken.some((one, index) => one !== this._spoken?.[index])) {
      this._spoken = spoken;
      this._locale = new Locale(this._hass, this._unit());
      this._frame.speak(this._locale);
    }
    const view = viewOf(this._place, this._now(), this._locale);
    if (this._feed.want(this._hass, wantedFor(this._place.range, view, this._options.account))) {
      this._answer = this._answer && { ...this._answer, records: null };
      this._records = null;
      this._failure = null;
    }
    if (this._answer || this._failure) this._haveMore();
    const { _hass: hass, _answer: answer, _options: options } = this;
    this._more?.followers.follow({ hass, answer, options, range: this._place.range, entity: this._liveEntity(), view });
    this._draw();
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._tick(), MINUTE - (this._now() % MINUTE));
  }

  _tick() {
    this._parts.retry();
    this._update();
  }

  /** Have everything that is not needed for the first picture, in the language that is read. */
  async _haveMore() {
    const part = this._parts.get("more");
    const language = this._hass.locale.language;
    if (!part || this._more?.language === language) return;
    await part.loadMoreTexts(language);
    if (this._more?.language === language) return;
    this._more = part.moreOf(this._more, language, {
      frame: this._frame,
      parts: this._parts,
      go: (/** @type {import("./view.js").Place} */ place) => this._go(place),
      locale: () => this._locale,
      changed: () => this._draw(),
    });
    this._locale?.learn();
    this._read();
    this._update();
  }

  /** Make of what was told what can be drawn: everything, or what the first picture needs. */
  _read() {
    const told = this._answer?.records;
    const newest = instant(this._answer?.newest);
    const Told = this._more?.Records ?? Records;
    this._records = told ? new Told(told, newest) : null;
  }

  /** @param {import("./view.js").Place} place to look at */
  _go(place) {
    if (place.range !== this._place.range && this._options) this._remembered.note(this._options.account, place.range);
    this._place = place;
    this._update();
  }

  /** @param {any} answer */
  _receive(answer) {
    this._skew = Date.parse(answer.now) - Date.now();
    this._failure = null;
    this._answer = { ...this._answer, ...answer };
    if (answer.records) this._read();
    this._update();
  }

  /** @param {any} error */
  _fail(error) {
    this._failure = error;
    this._records = null;
    this._answer = null;
    this._haveMore();
    this._draw();
  }

  /** The time by Home Assistant's clock: a tablet's may be wrong. */
  _now() {
    return Date.now() + this._skew;
  }

  /** The sensor that is ahead of the pump's data, or null. */
  _liveEntity() {
    return this._options?.live ?? this._answer?.live_glucose ?? null;
  }

  _showPills() {
    const { _hass: hass, _locale: locale, _answer: answer, _options: options, _more: more } = this;
    if (!more || !locale || !options) return;
    const chosen = answer?.newest ? options.pills : [];
    more.tools.pills(more.followers.pills({ hass, device: answer?.device_id, chosen, now: this._now(), locale }));
  }

  /** The unit in which the person has Home Assistant show the pump's glucose. */
  _unit() {
    const { states = {}, entities = {} } = this._hass;
    const device = this._answer?.device_id;
    if (this._entities !== entities || this._device !== device) {
      this._entities = entities;
      this._device = device;
      this._sensor = entityOf(this._hass, device, "sensor", "glucose");
    }
    return states[this._sensor]?.attributes.unit_of_measurement ?? this._answer?.glucose_unit ?? "mg/dL";
  }

  _draw() {
    const { _answer: answer, _frame: frame, _hass: hass, _locale: locale, _records: records, _options: options, _more: more } = this;
    if (!locale || !options || !this.isConnected) return;
    const view = viewOf(this._place, this._now(), locale);
    const entity = this._liveEntity();
    const live = entity ? (more?.followers.readings ?? []) : null;
    const newestLive = entity ? (more?.followers.newest(hass, entity) ?? null) : undefined;
    const limits = { low: options.low ?? answer?.low_mg_dl, high: options.high ?? answer?.high_mg_dl };
    const holds = answer?.newest ? summary(answer, limits, newestLive, view.now, locale, hass.localize) : null;
    for (const value of holds?.values ?? []) {
      value.entity = value.name === "live" ? entity : entityOf(hass, answer.device_id, "sensor", VALUES[value.name]);
    }
    frame.head(this._title(), holds);
    this._showPills();
    frame.choose(this._place.range, SUMMED.includes(this._place.range) && Boolean(records));
    more?.tools.sums(more.followers.sums(locale));
    more?.navigation.show(this._place, view, answer?.first_day, locale);
    this.toggleAttribute("night", isNight(options.night, view.now, locale));
    const missing = this._parts.isMissing ? locale.say("part_missing") : null;
    frame.notice((this._failure ? null : notice(answer, hass.connected, view.now, locale)) ?? missing);
    frame.wait(!records && !this._failure);
    const isAhead = Boolean(live?.some(({ at }) => at >= view.start && at <= view.end));
    const words = this._absence(records, view, isAhead);
    frame.empty(words);
    if (records && answer?.newest) {
      const shown = frame.size === "compact" ? NOTHING_ELSE : options.shown;
      this._show({ view, records, locale, limits, shown, live: live ?? [], stale: Boolean(holds?.stale), localize: hass.localize });
    } else if (words) {
      if (this._more) this._more.explorer.clear();
      else this._frame.plot.replaceChildren();
    }
  }

  /**
   * Why there is no picture, or nothing in it; null when there is, or as long as nobody can say.
   * @param {Records | null} records
   * @param {import("./chart.js").View} view
   * @param {boolean} isAhead whether another sensor has something to show
   */
  _absence(records, view, isAhead) {
    const { _answer: answer, _failure: failure, _locale: locale, _more: more } = this;
    if (!locale) return null;
    if (!more) return answer || failure ? null : locale.say("loading");
    if (failure) return more.failure(failure, locale.language);
    return isAhead ? null : more.absence(answer, /** @type {any} */ (records), view, locale);
  }

  _title() {
    const device = this._hass.devices?.[this._answer?.device_id];
    return this._options?.title ?? device?.name_by_user ?? device?.name ?? this._answer?.pump ?? "";
  }

  /** @param {ConstructorParameters<typeof DayPicture>[0]} everything */
  _show(everything) {
    const { clientWidth: width, clientHeight: height } = this._frame.plot;
    if (!width || !height) return;
    const what = height < ROOM_FOR_BASAL ? { ...everything, shown: { ...everything.shown, basal: false } } : everything;
    const size = { width, height };
    const fortnight = this._place.range === "14_days";
    if (!this._more) {
      if (!fortnight) this._frame.plot.replaceChildren(new DayPicture(what, size).root);
      return;
    }
    const { DayPicture: WholeDayPicture, explorer, tools, legendOf } = this._more;
    const Picture = fortnight ? this._parts.get("fortnight")?.FortnightPicture : WholeDayPicture;
    if (!Picture) return;
    explorer.show(new Picture(/** @type {any} */ (what), size));
    tools.legend(legendOf(fortnight, what.shown, what.live.length > 0, what.locale));
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

/** Glucose and what is on board in a few rows. */
class TconnectsyncCompactCard extends TconnectsyncCard {
  /** @param {import("./config.js").Config} config */
  setConfig(config) {
    super.setConfig({ range: "3", ...config });
  }

  getCardSize() {
    return 3;
  }

  getGridOptions() {
    return { columns: 6, rows: 3, min_columns: 6, min_rows: 3 };
  }

  _isCompact() {
    return true;
  }
}

function define() {
  if (customElements.get(NAME)) return;
  customElements.define(NAME, TconnectsyncCard);
  customElements.define(COMPACT_NAME, TconnectsyncCompactCard);
  load(() => import("./offers.js")).then(({ offer }) => offer(NAME, COMPACT_NAME));
}

// Home Assistant puts a registry of elements of its own in place while it starts, in which what
// was defined before is not known.
customElements.whenDefined("home-assistant").then(define);
