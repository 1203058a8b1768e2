// The person's language, numbers, times, days and glucose unit.

import { Clock } from "./clock.js";
import { HOUR, MG_DL_PER_MMOL_L } from "./scales.js";
import { textsOf } from "./texts.js";

const MINUTE = 60_000;
const MMOL_L = "mmol/L";

/**
 * Languages whose numbers look as Home Assistant's number formats say.
 * @type {Record<string, string>}
 */
const NUMBER_FORMATS = {
  comma_decimal: "en-US",
  decimal_comma: "de",
  space_comma: "fr",
  quote_decimal: "de-CH",
  none: "en-US",
};
/** @type {Record<string, string[]>} */
const DATE_ORDERS = {
  DMY: ["day", "month"],
  MDY: ["month", "day"],
  YMD: ["month", "day"],
};

export class Locale extends Clock {
  /**
   * @param {any} hass
   * @param {string} glucoseUnit
   */
  constructor(hass, glucoseUnit) {
    const { language, number_format, time_format, date_format, time_zone } = hass.locale;
    super(time_zone === "server" ? hass.config.time_zone : undefined);
    this.language = language;
    this.glucoseUnit = glucoseUnit;
    this.texts = textsOf(language);
    this._numbers = number_format === "system" ? undefined : NUMBER_FORMATS[number_format] ?? language;
    this._grouping = number_format !== "none";
    this._dateOrder = DATE_ORDERS[date_format];
    this._twelve = twelveHours(time_format, language);
  }

  /** Know the texts that were loaded since. */
  learn() {
    this.texts = textsOf(this.language);
  }

  /**
   * A text in the person's language, its {blanks} filled in.
   * @param {string} key
   * @param {Record<string, string | number>} [blanks]
   */
  say(key, blanks = {}) {
    return this.texts[key].replace(/\{(\w+)\}/g, (_, name) => String(blanks[name]));
  }

  /**
   * @param {number} value
   * @param {number} digits behind the decimal point, at most
   * @param {number} [least] digits behind the decimal point
   */
  number(value, digits, least = 0) {
    const format = this._format(`number ${digits} ${least}`, () =>
      new Intl.NumberFormat(this._numbers, {
        maximumFractionDigits: digits,
        minimumFractionDigits: least,
        useGrouping: this._grouping,
      }),
    );
    return format.format(value);
  }

  get inMmol() {
    return this.glucoseUnit === MMOL_L;
  }

  /** One of the person's glucose units, in mg/dL. */
  get glucoseOne() {
    return this.inMmol ? MG_DL_PER_MMOL_L : 1;
  }

  /**
   * Glucose in the person's unit, without it.
   * @param {number} value in mg/dL
   */
  glucoseNumber(value) {
    const digits = this.inMmol ? 1 : 0;
    return this.number(value / this.glucoseOne, digits, digits);
  }

  /** @param {number} value in mg/dL */
  glucose(value) {
    return `${this.glucoseNumber(value)} ${this.glucoseUnit}`;
  }

  /**
   * @param {number} value in units
   * @param {number} [digits] behind the decimal point, at most
   */
  units(value, digits = 2) {
    return `${this.number(value, digits)} ${this.texts.units}`;
  }

  /** @param {number} value in units per hour */
  rate(value) {
    return `${this.number(value, 3)} ${this.texts.units_per_hour}`;
  }

  /** @param {number} value in grams */
  carbs(value) {
    return `${this.number(value, 0)} ${this.texts.grams}`;
  }

  /** @param {number} at */
  time(at) {
    const format = this._format("time", () =>
      this._dates({ hour: this._twelve ? "numeric" : "2-digit", minute: "2-digit", ...this._cycle() }),
    );
    return format.format(at);
  }

  /**
   * A time on an axis, as short as can be.
   * @param {number} at
   */
  tick(at) {
    if (!this._twelve || (at + this.offset(at)) % HOUR) return this.time(at);
    return this._format("hour", () => this._dates({ hour: "numeric", ...this._cycle() })).format(at);
  }

  /**
   * A day such as “Sat 21 Nov”.
   * @param {number} at
   */
  day(at) {
    const format = this._dayFormat();
    if (!this._dateOrder) return format.format(at);
    const parts = partsOf(format, at);
    return [parts.weekday, ...this._dateOrder.map((part) => parts[part])].join(" ");
  }

  /**
   * A day such as “Sat 21”.
   * @param {number} at
   */
  shortDay(at) {
    const { weekday, day } = partsOf(this._dayFormat(), at);
    return `${weekday} ${day}`;
  }

  /**
   * Time, and the day as well unless it is that of another instant.
   * @param {number} at
   * @param {number} than
   */
  timeOtherThan(at, than) {
    return this.dayKey(at) === this.dayKey(than) ? this.time(at) : `${this.day(at)} ${this.time(at)}`;
  }

  /** @param {number} length in milliseconds */
  duration(length) {
    const minutes = Math.max(0, Math.floor(length / MINUTE));
    if (minutes < 60) return this.say("minutes", { n: minutes });
    const hours = Math.floor(minutes / 60);
    if (hours >= 48) return this.say("days", { n: Math.floor(hours / 24) });
    if (minutes % 60 === 0 || hours >= 12) return this.say("hours", { n: hours });
    return this.say("hours_minutes", { h: hours, m: minutes % 60 });
  }

  /** @returns {Intl.DateTimeFormat} */
  _dayFormat() {
    return this._format("day", () => this._dates({ weekday: "short", day: "numeric", month: "short" }));
  }

  _cycle() {
    return { hourCycle: this._twelve ? "h12" : "h23" };
  }

  /** @param {any} options */
  _dates(options) {
    return new Intl.DateTimeFormat(this.language, { timeZone: this._zone, ...options });
  }
}

/**
 * @param {string} chosen
 * @param {string} language
 */
function twelveHours(chosen, language) {
  if (chosen === "12" || chosen === "24") return chosen === "12";
  const asks = chosen === "system" ? undefined : language;
  return new Intl.DateTimeFormat(asks, { hour: "numeric" }).resolvedOptions().hour12 === true;
}

/**
 * @param {Intl.DateTimeFormat} format
 * @param {number} at
 */
const partsOf = (format, at) => Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
