// Amounts with their units, in the person's language.

import { Locale } from "./locale.js";

export class LaterLocale extends Locale {
  /** @param {number} value in mg/dL */
  glucose(value) {
    return `${this.glucoseNumber(value)} ${this.glucoseUnit}`;
  }

  /**
   * @param {number} value
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
}
