// The report: asks for its figures, tells how far reading is, and shows or prints the page.

import { Locale } from "./locale.js";
import { reportPage } from "./report_page.js";
import { reportStyles } from "./report_styles.js";
import { reportTexts } from "./report_texts.js";
import { loadTexts } from "./texts.js";

const DAYS = [14, 30, 90];
const COMMAND = "tconnectsync/report";

export class Report extends HTMLElement {
  constructor() {
    super();
    /** @type {any} */
    this._config = {};
    /** @type {any} */
    this._hass = null;
    /** @type {number} */
    this._days = DAYS[0];
    /** @type {any} */
    this._answer = null;
    /** @type {(() => void) | null} */
    this._end = null;
    this._run = 0;
    this._root = this.attachShadow({ mode: "open" });
  }

  /** @param {any} config */
  setConfig(config) {
    const days = Number(config.days ?? DAYS[0]);
    if (!DAYS.includes(days)) throw new Error(`days: ${DAYS.join(", ")}`);
    this._config = config;
    this._days = days;
    if (this._hass) this._ask();
  }

  /** @param {any} hass */
  set hass(hass) {
    const before = this._hass;
    this._hass = hass;
    if (!before || before.connection !== hass.connection) this._ask();
    else if (before.locale !== hass.locale) this._show();
  }

  connectedCallback() {
    if (this._hass && !this._end) this._ask();
  }

  disconnectedCallback() {
    this._stop();
  }

  _stop() {
    this._run += 1;
    this._end?.();
    this._end = null;
  }

  /** Ask for the report anew; what an older question brings is not listened to any more. */
  async _ask() {
    this._stop();
    const run = this._run;
    this._answer = null;
    this._show();
    const { device_id, entity_id, config_entry_id } = this._config;
    const account = Object.fromEntries(Object.entries({ device_id, entity_id, config_entry_id }).filter(([, id]) => id));
    try {
      const end = await this._hass.connection.subscribeMessage(
        (/** @type {any} */ answer) => {
          if (run !== this._run) return;
          this._answer = answer;
          this._show();
        },
        { type: COMMAND, days: this._days, ...account },
        { resubscribe: false },
      );
      if (run === this._run) this._end = () => end().catch(() => {});
      else end().catch(() => {});
    } catch (error) {
      if (run !== this._run) return;
      this._answer = { error: /** @type {any} */ (error).translation_key ?? "other", message: /** @type {any} */ (error).message };
      this._show();
    }
  }

  async _show() {
    const { language } = this._hass.locale;
    const [texts] = await Promise.all([reportTexts(language), loadTexts(language)]);
    const locale = new Locale(this._hass, this._answer?.glucose_unit ?? "mg/dL");
    locale.texts = { ...locale.texts, ...texts };
    const card = document.createElement("ha-card");
    card.append(this._bar(locale), this._body(locale));
    const style = document.createElement("style");
    style.textContent = reportStyles;
    this._root.replaceChildren(style, card);
  }

  /** @param {Locale} locale */
  _bar(locale) {
    const bar = document.createElement("nav");
    for (const days of DAYS) {
      const button = document.createElement("button");
      button.textContent = locale.say("n_days", { n: days });
      button.setAttribute("aria-pressed", String(days === this._days));
      button.onclick = () => {
        this._days = days;
        this._ask();
      };
      bar.append(button);
    }
    const print = document.createElement("button");
    print.className = "print";
    print.textContent = locale.say("print");
    print.disabled = !this._answer?.report;
    print.onclick = () => printPage(reportPage(this._answer, locale), locale);
    bar.append(print);
    return bar;
  }

  /** @param {Locale} locale */
  _body(locale) {
    const answer = this._answer;
    if (answer?.report) return reportPage(answer, locale);
    const words = document.createElement("p");
    words.className = "words";
    words.setAttribute("role", "status");
    if (answer?.error) words.textContent = reason(answer, locale);
    else if (answer) words.textContent = locale.say("progress", { percent: locale.number(answer.progress * 100, 0) });
    else words.textContent = locale.say("loading");
    if (answer?.progress !== undefined) {
      const progress = document.createElement("progress");
      progress.value = answer.progress;
      words.append(progress);
    }
    return words;
  }
}

/**
 * @param {{error: string, message?: string}} answer
 * @param {Locale} locale
 */
function reason({ error, message }, locale) {
  if (error === "nothing_recorded") return locale.say("nothing");
  const known = { unloaded: "account_not_loaded", account_not_found: "account_not_found", account_not_chosen: "account_not_chosen" };
  const words = locale.texts[/** @type {Record<string, string>} */ (known)[error] ?? `error_${error}`];
  return words ?? locale.say("failed", { reason: message ?? error });
}

/**
 * Print a page by itself, without the dashboard around it, on the paper the person chooses.
 * @param {Element} page
 * @param {Locale} locale
 */
function printPage(page, locale) {
  const frame = document.createElement("iframe");
  frame.style.cssText = "position:fixed;width:0;height:0;border:0";
  document.body.append(frame);
  const target = /** @type {Window} */ (frame.contentWindow);
  const { document: paper } = target;
  paper.documentElement.lang = locale.language;
  paper.title = locale.say("title");
  const style = paper.createElement("style");
  style.textContent = reportStyles;
  paper.head.append(style);
  paper.body.className = "paper";
  paper.body.append(paper.adoptNode(page));
  target.addEventListener("afterprint", () => frame.remove());
  target.focus();
  target.print();
}
