// The card: its life on a dashboard, its questions and its first picture.

import { DayPicture } from "./chart.js";
import { limitsInForce, readConfig } from "./card_options.js";
import { Records, instant } from "./glucose_records.js";
import { entityOf } from "./entities.js";
import { Feed } from "./feed.js";
import { Frame } from "./frame.js";
import { staleNotice } from "./freshness.js";
import { Parts, load } from "./load.js";
import { Locale } from "./locale.js";
import { rememberRange, rememberedRange } from "./remembered_range.js";
import { MINUTE } from "./units.js";
import { summary } from "./header.js";
import { hasTexts, loadTexts } from "./texts.js";
import { FORTNIGHT, SUMMED, viewOf, wantedFor } from "./ranges.js";

const NAME = "tconnectsync-card";
const COMPACT_NAME = "tconnectsync-compact-card";
/** Heights below which a card leaves out the legend and sums, then everything but glucose. */
const SHORT = 560;
const COMPACT = 330;
/** Heights of a picture from which basal, and boluses, are drawn. */
const BASAL_FROM = 200;
const BOLUSES_FROM = 130;
const NOTHING_ELSE = {};
/** What of Home Assistant the card depends on. */
const WATCHED = ["locale", "config", "connection", "connected", "localize"];
const LATER = () => import("./later_card.js");
const SMALL = () => import("./low_card_styles.js");

class TconnectsyncCard extends HTMLElement {
  constructor() {
    super();
    this._frame = new Frame(this.attachShadow({ mode: "open" }), (range) => this._go({ range, day: null, until: null }));
    this._parts = new Parts(() => this._update());
    this._feed = new Feed(
      (answer) => this._receive(answer),
      (error) => this._fail(error),
    );
    this._resizes = new ResizeObserver(() => this._fit());
    this._later = null;
    this._options = null;
    this._locale = null;
    this._records = null;
    this._hass = this._answer = this._failure = null;
    this._place = { range: "", day: null, until: null };
    this._layout = "";
  }

  setConfig(config) {
    const options = readConfig(config);
    if (JSON.stringify(options.account) !== JSON.stringify(this._options?.account)) this._records = this._answer = null;
    if (options.range !== this._options?.range) {
      // Nothing on a compact card leads back from another range.
      const range = this._options || this._isCompact() ? null : rememberedRange(options);
      this._place = { range: range ?? options.range, day: null, until: null };
    }
    this._options = options;
    this._frame.offer(options.ranges);
    this._frame.tall(options.height);
    this._update();
  }

  set hass(hass) {
    const before = this._hass;
    this._hass = hass;
    const live = this._liveEntity();
    this._later?.follow(before, hass);
    if (
      !before ||
      (live && before.states[live] !== hass.states[live]) ||
      WATCHED.some((key) => before[key] !== hass[key]) ||
      this._unit() !== this._locale?.glucoseUnit
    ) {
      this._update();
    }
  }

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

  /** Leave out what does not fit this height, if the card has a fixed one. */
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
    this._resizes.observe(this._frame.plot);
    this._resizes.observe(this);
    document.addEventListener("visibilitychange", this);
    this._update();
  }

  disconnectedCallback() {
    clearTimeout(this._timer);
    this._resizes.disconnect();
    document.removeEventListener("visibilitychange", this);
    this._feed.stop();
  }

  /** A page is seen again: timers do not count sleep. */
  handleEvent() {
    this._update();
  }

  /** Ask for what is to be seen, show what is known, and again each minute. */
  _update() {
    const { _hass: hass, _options: options, _place: place } = this;
    if (!hass || !options || !this.isConnected) return;
    const { locale, config } = hass;
    if (!hasTexts(locale.language)) {
      loadTexts(locale.language).then(() => this._update());
      return;
    }
    const spoken = [locale, config.time_zone, this._unit()];
    if (!this._locale || spoken.some((one, index) => one !== this._spoken?.[index])) {
      this._spoken = spoken;
      this._locale = new (this._later?.Locale ?? Locale)(hass, this._unit());
      this._frame.speak(this._locale);
    }
    const view = viewOf(place, this._feed.now(), this._locale);
    if (this._feed.want(hass, wantedFor(place.range, view, options.account))) {
      this._answer = this._answer && { ...this._answer, records: null };
      this._records = null;
      this._failure = null;
    }
    if (this._answer || this._failure) this._loadFull();
    this._later?.ask({ hass, answer: this._answer, options, place, view, entity: this._liveEntity() });
    this._draw();
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._tick(), MINUTE - (this._feed.now() % MINUTE));
  }

  _tick() {
    this._parts.retry();
    this._feed.retry();
    this._update();
  }

  /** Load all that the first picture does not need, in the language that is read. */
  async _loadFull() {
    const found = this._parts.get(LATER);
    const { language } = this._hass.locale;
    if (!found || this._learnt === language) return;
    await found.loadFullTexts(language);
    if (this._learnt === language) return;
    this._learnt = language;
    this._later ??= new found.LaterCard(this._frame, this._parts, {
      go: (place) => this._go(place),
      changed: () => this._draw(),
    });
    this._spoken = null;
    this._read();
    this._update();
  }

  /** Read the records, all or those of the first picture. */
  _read() {
    const raw = this._answer?.records;
    this._records = raw ? new (this._later?.Records ?? Records)(raw, instant(this._answer.newest)) : null;
  }

  _go(place) {
    if (place.range !== this._place.range && !this._isCompact()) rememberRange(this._options, place.range);
    this._place = place;
    this._update();
  }

  _receive(answer) {
    this._failure = null;
    this._answer = { ...this._answer, ...answer };
    if (answer.records) this._read();
    this._update();
  }

  _fail(error) {
    this._failure = error;
    this._records = this._answer = null;
    this._loadFull();
    this._draw();
  }

  /** The sensor that is ahead of the pump's data, or null. */
  _liveEntity() {
    return this._options?.live ?? this._answer?.live_glucose ?? null;
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
    return states[this._sensor ?? ""]?.attributes.unit_of_measurement ?? this._answer?.glucose_unit ?? "mg/dL";
  }

  _draw() {
    const { _answer: answer, _failure: failure, _frame: frame, _hass: hass, _locale: locale, _later: later } = this;
    const { _options: options, _place: place, _records: records } = this;
    if (!locale || !options || !this.isConnected) return;
    const view = viewOf(place, this._feed.now(), locale);
    const entity = this._liveEntity();
    const live = (entity && later?.readings) || [];
    const newest = entity ? (later?.newest(hass, entity) ?? null) : undefined;
    const limits = limitsInForce(options, answer ?? {});
    const holds = answer?.newest || answer?.raised?.length ? summary(answer, limits, newest, view.now, locale, hass.localize) : null;
    for (const value of holds?.values ?? []) {
      value.entity = value.key ? entityOf(hass, answer.device_id, "sensor", value.key) : entity;
    }
    if (frame.size) frame.dress(this._parts.get(SMALL)?.lowCardStyles);
    const notice = this._notice(view.now, locale);
    if (holds && notice?.includes(holds.age)) holds.age = "";
    frame.head(this._title(), holds);
    frame.choose(place.range, SUMMED.includes(place.range) && Boolean(records));
    later?.showAround({ hass, answer, options, place, view, locale });
    frame.notice(notice ?? (this._parts.isMissing ? locale.say("part_missing") : null));
    frame.wait(!records && !failure);
    const isLoading = !answer && !failure ? locale.say("loading") : null;
    const words = later ? later.absence({ answer, failure, records, view, live, locale }) : isLoading;
    frame.empty(words);
    if (records && answer?.newest) {
      const shown = frame.size === "compact" ? NOTHING_ELSE : options.shown;
      this._show({ view, records, locale, limits, shown, live, stale: Boolean(holds?.stale), localize: hass.localize });
    } else if (words) {
      if (later) later.clear();
      else frame.plot.replaceChildren();
    }
  }

  /** What keeps new data from coming, in words; null when nothing does. */
  _notice(now, locale) {
    if (this._failure) return null;
    if (!this._hass.connected) return locale.say("disconnected");
    return this._later?.notice(this._answer, now, locale) ?? staleNotice(this._answer, now, locale);
  }

  _title() {
    const device = this._hass.devices?.[this._answer?.device_id];
    return this._options?.title ?? device?.name_by_user ?? device?.name ?? this._answer?.pump ?? "";
  }

  _show(scene) {
    const { clientWidth: width, clientHeight: height } = this._frame.plot;
    if (!width || !height) return;
    const { basal, boluses, ...others } = scene.shown;
    const shown = { ...others, basal: basal && height >= BASAL_FROM, boluses: boluses && height >= BOLUSES_FROM };
    const what = { ...scene, shown };
    const isFortnight = this._place.range === FORTNIGHT;
    if (this._later) this._later.show(what, { width, height }, isFortnight);
    else if (!isFortnight) this._frame.plot.replaceChildren(new DayPicture(what, { width, height }).root);
  }
}

/** Glucose and what is on board in a few rows. */
class TconnectsyncCompactCard extends TconnectsyncCard {
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
  offerAll();
}

async function offerAll() {
  try {
    await (await load(() => import("./card_picker.js"))).offer(NAME, COMPACT_NAME);
  } catch {
    setTimeout(offerAll, MINUTE);
  }
}

// While it starts Home Assistant puts an empty registry of elements in the place of the browser's.
customElements.whenDefined("home-assistant").then(define);
