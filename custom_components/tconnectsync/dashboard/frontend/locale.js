// The person's language, numbers, times, days and glucose unit.

import { Clock, partsOf } from "./clock.js";
import { HOUR, MG_DL_PER_MMOL_L, MINUTE } from "./units.js";
import { textsOf } from "./texts.js";

/** languages whose numbers look as Home Assistant's number formats say */
const NUMBER_FORMATS = { comma_decimal: "en-US", decimal_comma: "de", space_comma: "fr", quote_decimal: "de-CH", none: "en-US" };
const DATE_ORDERS = { DMY: ["day", "month"], MDY: ["month", "day"], YMD: ["month", "day"] };

export class Locale extends Clock {
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

  /** A text in the person's language, its {blanks} filled in. */
  say(key, blanks = {}) {
    return this.texts[key].replace(/\{(\w+)\}/g, (_, name) => String(blanks[name]));
  }

  /**
   * @param most digits behind the decimal point
   * @param least of them
   */
  number(value, most, least = 0) {
    const format = this._format(`number ${most} ${least}`, () =>
      new Intl.NumberFormat(this._numbers, { maximumFractionDigits: most, minimumFractionDigits: least, useGrouping: this._grouping }),
    );
    return format.format(value);
  }

  get inMmol() {
    return this.glucoseUnit === "mmol/L";
  }

  /** One of the person's glucose units, in mg/dL. */
  get glucoseOne() {
    return this.inMmol ? MG_DL_PER_MMOL_L : 1;
  }

  /**
   * Glucose in the person's unit, without it.
   * @param value in mg/dL
   */
  glucoseNumber(value) {
    const digits = this.inMmol ? 1 : 0;
    return this.number(value / this.glucoseOne, digits, digits);
  }

  time(at) {
    const hour = this._twelve ? "numeric" : "2-digit";
    return this._format("time", () => this._dates({ hour, minute: "2-digit", ...this._cycle() })).format(at);
  }

  /** A time on an axis, as short as can be. */
  tick(at) {
    if (!this._twelve || (at + this.offset(at)) % HOUR) return this.time(at);
    return this._format("hour", () => this._dates({ hour: "numeric", ...this._cycle() })).format(at);
  }

  /** A day such as “Sat 21 Nov”. */
  day(at) {
    const format = this._dayFormat();
    if (!this._dateOrder) return format.format(at);
    const parts = partsOf(format, at);
    return [parts.weekday, ...this._dateOrder.map((part) => parts[part])].join(" ");
  }

  /** A day such as “Sat 21”. */
  shortDay(at) {
    const { weekday, day } = partsOf(this._dayFormat(), at);
    return `${weekday} ${day}`;
  }

  /** Time, and the day as well unless it is that of another instant. */
  timeOtherThan(at, than) {
    return this.dayKey(at) === this.dayKey(than) ? this.time(at) : `${this.day(at)} ${this.time(at)}`;
  }

  /** @param length in milliseconds */
  duration(length) {
    const minutes = Math.max(0, Math.floor(length / MINUTE));
    const hours = Math.floor(minutes / 60);
    if (!hours) return this.say("minutes", { n: minutes });
    if (hours >= 48) return this.say("days", { n: Math.floor(hours / 24) });
    if (minutes % 60 === 0 || hours >= 12) return this.say("hours", { n: hours });
    return this.say("hours_minutes", { h: hours, m: minutes % 60 });
  }

  _dayFormat() {
    return this._format("day", () => this._dates({ weekday: "short", day: "numeric", month: "short" }));
  }

  _cycle() {
    return { hourCycle: this._twelve ? "h12" : "h23" };
  }

  _dates(options) {
    return new Intl.DateTimeFormat(this.language, { timeZone: this._zone, ...options });
  }
}

function twelveHours(chosen, language) {
  if (chosen === "12" || chosen === "24") return chosen === "12";
  const asks = chosen === "system" ? undefined : language;
  return new Intl.DateTimeFormat(asks, { hour: "numeric" }).resolvedOptions().hour12 === true;
}
