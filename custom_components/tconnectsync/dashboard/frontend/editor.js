// The form that edits a card's options, with what holds where nothing was chosen.

import { DEFAULTS, LAYERS, PILLS, readConfig } from "./card_options.js";
import { entityOf } from "./entities.js";
import { LIVE_GLUCOSE, PUMP } from "./form_fields.js";
import { MG_DL_PER_MMOL_L } from "./units.js";
import { textsOf } from "./texts.js";
import { RANGES } from "./ranges.js";

export const EDITOR = "tconnectsync-card-editor";
/** Of limits, in mg/dL. */
const LOWEST = 40;
const HIGHEST = 400;

class TconnectsyncCardEditor extends HTMLElement {
  constructor() {
    super();
    /** @type {any} */
    this._hass = null;
    /** @type {any} */
    this._config = null;
    /** @type {any} */
    this._form = null;
    /** The limits as they were typed last, and what came of them. */
    this._typed = { entered: /** @type {any} */ ({}), kept: /** @type {any} */ ({}) };
  }

  /** @param {CardConfig} config */
  setConfig(config) {
    readConfig(config);
    this._config = config;
    this._show();
  }

  /** @param {Hass} hass */
  set hass(hass) {
    this._hass = hass;
    this._show();
  }

  connectedCallback() {
    this._show();
  }

  _show() {
    if (!this._hass || !this._config || !this.isConnected) return;
    const texts = textsOf(this._hass.locale.language);
    const sensor = entityOf(this._hass, this._config.device_id, "sensor", "glucose");
    this._inMmol = this._hass.states[sensor]?.attributes.unit_of_measurement === "mmol/L";
    const limits = readConfig(this._config);
    const { entered, kept } = this._typed;
    const inUnit = (/** @type {number | undefined} */ value) =>
      value && this._inMmol ? Math.round((value / MG_DL_PER_MMOL_L) * 10) / 10 : value;
    const limit = (/** @type {"low" | "high"} */ name) => (kept[name] === limits[name] ? entered[name] : undefined) ?? inUnit(limits[name]);
    if (!this._form) {
      this._form = document.createElement("ha-form");
      this._form.addEventListener("value-changed", (/** @type {any} */ event) => this._change(event));
      this.append(this._form);
    }
    Object.assign(this._form, {
      hass: this._hass,
      schema: schemaOf(texts, this._inMmol),
      data: {
        ...DEFAULTS,
        ...this._config,
        range: String(this._config.range ?? DEFAULTS.range),
        low: limit("low"),
        high: limit("high"),
      },
      computeLabel: ({ name }) => texts[`editor_${name}`],
      computeHelper: ({ name }) => texts[`editor_${name}_help`],
    });
  }

  /**
   * What is as it would be without a choice is not kept.
   * @param {any} event
   */
  _change(event) {
    event.stopPropagation();
    const { low, high, ...other } = event.detail.value;
    const unit = this._inMmol ? MG_DL_PER_MMOL_L : 1;
    // The first digits of a limit are none yet.
    const whole = (/** @type {number} */ typed) => {
      const limit = Math.round(typed * unit);
      return limit >= LOWEST && limit <= HIGHEST ? limit : undefined;
    };
    const limits = { low: whole(low), high: whole(high) };
    this._typed = { entered: { low, high }, kept: limits };
    const chosen = Object.entries({ ...other, ...limits }).filter(
      ([name, value]) => value !== undefined && value !== null && value !== "" && inOrder(value) !== inOrder(DEFAULTS[name]),
    );
    const config = Object.fromEntries(chosen);
    this.dispatchEvent(new CustomEvent("config-changed", { detail: { config }, bubbles: true, composed: true }));
  }
}

/**
 * @param {Record<string, string>} texts
 * @param {boolean} inMmol
 */
function schemaOf(texts, inMmol) {
  const [unit, lowest, highest] = inMmol ? ["mmol/L", 2.2, 22.2] : ["mg/dL", LOWEST, HIGHEST];
  const options = (/** @type {string[]} */ values, /** @type {string} */ prefix) =>
    values.map((value) => ({ value, label: texts[`${prefix}_${value}`] }));
  const several = (/** @type {string} */ name, /** @type {string[]} */ values, /** @type {string} */ prefix) => ({
    name,
    selector: { select: { mode: "list", multiple: true, options: options(values, prefix) } },
  });
  const amount = (/** @type {string} */ name, /** @type {number} */ min, /** @type {number} */ max, /** @type {string} */ unit) => ({
    name,
    selector: { number: { min, max, step: "any", mode: "box", unit_of_measurement: unit } },
  });
  return [
    PUMP,
    { name: "title", selector: { text: {} } },
    LIVE_GLUCOSE,
    { name: "range", selector: { select: { mode: "dropdown", options: options(RANGES, "range") } } },
    several("ranges", RANGES, "range"),
    several("show", LAYERS, "layer"),
    several("pills", PILLS, "pill"),
    {
      type: "grid",
      name: "",
      schema: ["night_from", "night_to"].map((name) => ({ name, selector: { time: { no_second: true } } })),
    },
    {
      type: "grid",
      name: "",
      schema: [amount("low", lowest, highest, unit), amount("high", lowest, highest, unit), amount("height", 150, 1200, "px")],
    },
  ];
}

/** @param {unknown} value of an option; what was chosen first does not matter */
const inOrder = (value) => JSON.stringify(Array.isArray(value) ? value.toSorted() : value);

if (!customElements.get(EDITOR)) customElements.define(EDITOR, TconnectsyncCardEditor);
