// The card: its life on a dashboard, what it asks for and what it shows.

import { DayPicture } from "./chart.js";
import { Records, instant } from "./data.js";
import { readConfig, stubConfig, suggestion } from "./config.js";
import { entityOf } from "./entities.js";
import { Feed } from "./feed.js";
import { Frame } from "./frame.js";
import { Locale } from "./locale.js";
import { RememberedRange } from "./remembered_range.js";
import { DAY, HOUR } from "./scales.js";
import { absence, failure, notice, summary } from "./summary.js";
import { hasTexts, loadTexts, textsOf } from "./texts.js";
import { viewOf, wantedFor } from "./view.js";

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
/** What of Home Assistant the card depends on, besides its own answers. */
const WATCHED = ["locale", "config", "connection", "connected", "localize"];

class TconnectsyncCard extends HTMLElement {
  static async getConfigElement() {
    const { EDITOR } = await import("./editor.js");
    return document.createElement(EDITOR);
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
      onStep: (steps) => this._step(steps),
      onMove: (at) => this._move(at),
    });
    /** @type {import("./explore.js").Explorer | null} */
    this._explorer = null;
    /** @type {typeof import("./details.js") | null} */
    this._details = null;
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
    /** @type {string | null} */
    this._failure = null;
    this._skew = 0;
    this._range = "";
    /** @type {string | null} */
    this._day = null;
    /** @type {number | null} */
    this._until = null;
    this._remembered = new RememberedRange();
    this._layout = "";
    /** @type {typeof import("./fortnight.js").FortnightPicture | null} */
    this._Fortnight = null;
    /** @type {any} */
    this._span = null;
    /** @type {import("./live.js").LiveGlucose | null} */
    this._live = null;
    /** @type {import("./day_line.js").DayLine | null} */
    this._dayLine = null;
    /** @type {typeof import("./pills.js").pillsOf | null} */
    this._pillsOf = null;
  }

  /** @param {import("./config.js").Config} config */
  setConfig(config) {
    const options = readConfig(config);
    if (options.range !== this._options?.range) {
      this._range = this._options ? options.range : (this._remembered.of(options.account, options.ranges) ?? options.range);
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
    if (this._pillsOf && this._pillEntities().some(other)) this._showPills();
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
    const view = viewOf(this._range, this._day, this._until, this._now(), this._locale);
    if (this._feed.want(this._hass, wantedFor(this._range, view, this._options.account))) {
      this._records = null;
      this._failure = null;
    }
    this._followLive();
    this._loadPills();
    this._followDay(view);
    this._draw();
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._update(), MINUTE - (this._now() % MINUTE));
  }

  /**
   * @param {string} range
   * @param {string | null} day
   */
  _go(range, day) {
    const today = this._locale?.dayKey(this._now()) ?? "";
    if (range !== this._range && this._options) this._remembered.note(this._options.account, range);
    this._range = range;
    this._day = day && day < today ? day : null;
    this._until = null;
    this._update();
  }

  /**
   * Look at the day, or the hours, before or after those that are shown.
   * @param {number} steps
   */
  _step(steps) {
    if (!this._locale) return;
    const now = this._now();
    if (this._range === "day") {
      this._go("day", this._locale.dayAfter(this._day ?? this._locale.dayKey(now), steps));
      return;
    }
    const until = (this._until ?? now) + steps * Number(this._range) * HOUR;
    this._until = until < now - MINUTE ? until : null;
    this._update();
  }

  /**
   * Look at the day of an instant, or at the hours up to it.
   * @param {number} at
   */
  _move(at) {
    if (this._range === "day") {
      this._go("day", this._locale?.dayKey(at) ?? null);
      return;
    }
    this._until = at < this._now() - HOUR ? at : null;
    this._update();
  }

  /**
   * Step, as far as there is anything to look at.
   * @param {number} steps
   */
  _swipe(steps) {
    if (!this._span || (steps < 0 ? !this._span.before : !this._span.after)) return;
    this._step(steps);
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
    this._failure = failure(error, this._hass.locale.language);
    this._records = null;
    this._answer = null;
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

  /** Follow that sensor from the end of the pump's data on. */
  async _followLive() {
    const entity = this._liveEntity();
    const newest = instant(this._answer?.newest);
    if (!entity || newest === null) return;
    if (!this._live) {
      const { LiveGlucose } = await import("./live.js");
      this._live ??= new LiveGlucose(() => this._draw());
      this._update();
      return;
    }
    this._live.follow(this._hass, entity, Math.max(newest, Math.floor((this._now() - DAY) / HOUR) * HOUR));
  }

  _pillEntities() {
    const device = this._answer?.device_id;
    return Object.values(this._hass.entities ?? {})
      .filter(({ platform, device_id }) => platform === "tconnectsync" && device_id === device)
      .map(({ entity_id }) => entity_id);
  }

  async _loadPills() {
    if (this._pillsOf || !this._options?.pills.length) return;
    this._pillsOf = (await import("./pills.js")).pillsOf;
    this._draw();
  }

  _showPills() {
    const { _hass: hass, _locale: locale, _answer: answer, _options: options } = this;
    if (!this._pillsOf || !locale || !options) return;
    const chosen = answer?.newest ? options.pills : [];
    this._frame.pills(this._pillsOf({ hass, device: answer?.device_id, chosen, now: this._now(), locale }));
  }

  /**
   * Say what a day comes to where one is looked at.
   * @param {import("./chart.js").View} view
   */
  async _followDay(view) {
    const newest = this._answer?.newest;
    if (!newest || !this._options || !["day", "24"].includes(this._range)) return;
    if (!this._dayLine) {
      const { DayLine } = await import("./day_line.js");
      this._dayLine ??= new DayLine(() => this._draw());
      this._update();
      return;
    }
    this._dayLine.follow(this._hass, this._options.account, view, newest, this._options);
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
    const { _answer: answer, _frame: frame, _hass: hass, _locale: locale, _records: records, _options: options } = this;
    if (!locale || !options || !this.isConnected) return;
    const view = viewOf(this._range, this._day, this._until, this._now(), locale);
    const live = this._liveEntity() ? (this._live?.readings ?? []) : null;
    const newestLive = live ? (live[live.length - 1] ?? null) : undefined;
    const limits = { low: options.low ?? answer?.low_mg_dl, high: options.high ?? answer?.high_mg_dl };
    const holds = answer?.newest ? summary(answer, limits, newestLive, view.now, locale, hass.localize) : null;
    for (const value of holds?.values ?? []) {
      value.entity = value.name === "live" ? this._liveEntity() : entityOf(hass, answer.device_id, "sensor", VALUES[value.name]);
    }
    frame.head(this._title(), holds);
    this._showPills();
    frame.sums(records && ["day", "24"].includes(this._range) ? (this._dayLine?.words(locale) ?? []) : null);
    this._span = this._range === "14_days" ? null : this._spanChoice(locale, view);
    frame.choose(this._range, this._span);
    this.toggleAttribute("night", isNight(options.night, view.now, locale));
    frame.notice(this._failure ? null : notice(answer, hass.connected, view.now, locale));
    frame.wait(!records && !this._failure);
    const isAhead = Boolean(live?.some(({ at }) => at >= view.start && at <= view.end));
    const words = this._failure ?? (isAhead ? null : absence(answer, records, view, locale));
    frame.empty(words);
    if (records && answer?.newest) {
      const shown = frame.size === "compact" ? NOTHING_ELSE : options.shown;
      this._show({ view, records, locale, limits, shown, live: live ?? [], details: this._details, stale: Boolean(holds?.stale), localize: hass.localize });
    } else if (words) {
      if (this._explorer) this._explorer.clear();
      else this._frame.plot.replaceChildren();
    }
  }

  _title() {
    const device = this._hass.devices?.[this._answer?.device_id];
    return this._options?.title ?? device?.name_by_user ?? device?.name ?? this._answer?.pump ?? "";
  }

  /**
   * @param {Locale} locale
   * @param {import("./chart.js").View} view
   */
  _spanChoice(locale, view) {
    const last = locale.dayKey(view.now);
    const first = this._answer?.first_day ?? last;
    const from = locale.dayStart(first) + (this._range === "day" ? DAY / 2 : Number(this._range) * HOUR);
    if (this._range === "day") {
      const key = this._day ?? last;
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
    const until = Math.max(Math.ceil((view.now - from) / HOUR), 0) * HOUR + from;
    return {
      strip: { from, to: until, at: this._until === null ? until : view.end, step: HOUR },
      key: locale.dayKey(view.start),
      last,
      first,
      name: `${locale.timeOtherThan(view.start, view.now)} – ${locale.timeOtherThan(view.end, view.now)}`,
      before: locale.dayKey(view.start) > first,
      after: view.end < view.now,
    };
  }

  async _loadDetails() {
    const details = await import("./details.js");
    if (this._explorer) return;
    this._details = details;
    this._explorer = new details.Explorer(this._frame.plot, {
      tell: (words, place) => this._frame.tell(words, place),
      open: (day) => this._go("day", day),
      step: (steps) => this._swipe(steps),
    });
    this._draw();
  }

  async _loadFortnight() {
    this._Fortnight = (await import("./fortnight.js")).FortnightPicture;
    this._draw();
  }

  /** @param {ConstructorParameters<typeof DayPicture>[0]} everything */
  _show(everything) {
    const { clientWidth: width, clientHeight: height } = this._frame.plot;
    if (!width || !height) return;
    const what = height < ROOM_FOR_BASAL ? { ...everything, shown: { ...everything.shown, basal: false } } : everything;
    const fortnight = this._range === "14_days";
    const Picture = fortnight ? this._Fortnight : DayPicture;
    if (!Picture) {
      this._loadFortnight();
      return;
    }
    const picture = new Picture(what, { width, height });
    if (!this._details || !this._explorer) {
      this._frame.plot.replaceChildren(picture.root);
      this._loadDetails();
      return;
    }
    this._explorer.show(picture);
    this._frame.legend(this._details.legendOf(fortnight, what.shown, what.live.length > 0, what.locale));
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
  offer();
}

/** Have Home Assistant offer what there is, in the language of the page. */
async function offer() {
  const language = document.documentElement.lang || "en";
  await loadTexts(language);
  const texts = textsOf(language);
  const page = /** @type {any} */ (window);
  page.customCards ??= [];
  page.customCards.push(
    { type: NAME, name: texts.name, description: texts.description, preview: true, getEntitySuggestion: suggestion },
    { type: COMPACT_NAME, name: texts.compact, description: texts.compact_description, preview: true },
  );
  const { definePieces } = await import("./pieces.js");
  definePieces(texts);
}

// Home Assistant puts a registry of elements of its own in place while it starts, in which what
// was defined before is not known.
customElements.whenDefined("home-assistant").then(define);
