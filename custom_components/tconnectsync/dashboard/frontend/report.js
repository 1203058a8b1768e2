// The report: asks for its figures, tells how far reading is, and shows or prints the page.

import { loadFullTexts } from "./later_texts.js";
import { DAYS } from "./report_days.js";
import { reportPage } from "./report_page.js";
import { reportStyles } from "./report_styles.js";
import { reportTexts } from "./report_texts.js";
import { LaterLocale } from "./later_locale.js";

const SCROLL_BAR = 20;
/** Between a page and the edge of the card. */
const MARGIN = 16;
/** Of the paper, between the margins: the narrower one of A4 and Letter. */
const PAPER_WIDTH = 700;
const LEAST_WIDTH = 320;
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
    /** @type {any} */
    this._connection = null;
    // A new connection gives the old one's numbers to others: what is gone is forgotten, not ended.
    this._again = () => {
      this._end = null;
      if (!this._answer?.report) this._ask();
    };
    this._root = this.attachShadow({ mode: "open" });
    this._width = 0;
    this._resizes = new ResizeObserver(() => this._fit());
  }

  /** @param {any} config */
  setConfig(config) {
    const days = Number(config.days ?? DAYS[0]);
    if (!DAYS.includes(days)) throw new Error(`days: choose from ${DAYS.join(", ")}`);
    this._config = config;
    this._days = days;
    if (this._hass) this._ask();
  }

  /** @param {Hass} hass */
  set hass(hass) {
    const before = this._hass;
    this._hass = hass;
    if (!before || before.connection !== hass.connection) this._ask();
    // Home Assistant may not have known the command, or not loaded the account, while it was starting.
    else if (this._answer?.error && before.config !== hass.config) this._ask();
    else if (before.locale !== hass.locale) this._show();
  }

  connectedCallback() {
    this._resizes.observe(this);
    if (this._hass && !this._end) this._ask();
  }

  disconnectedCallback() {
    this._resizes.disconnect();
    this._stop();
    this._listenTo(null);
  }

  /**
   * Notice when a connection is there again after it was lost.
   * @param {any} connection null to listen to none
   */
  _listenTo(connection) {
    if (connection === this._connection) return;
    this._connection?.removeEventListener("ready", this._again);
    connection?.addEventListener("ready", this._again);
    this._connection = connection;
  }

  /** Draw anew for another width; a scroll bar that comes or goes changes nothing. */
  _fit() {
    const width = this.clientWidth;
    if (!width || Math.abs(width - this._width) < SCROLL_BAR) return;
    this._width = width;
    if (this._hass) this._show();
  }

  _stop() {
    this._run += 1;
    this._end?.();
    this._end = null;
  }

  /** Ask for the report anew; what an older question brings is not listened to any more. */
  async _ask() {
    if (!this.isConnected) return;
    this._stop();
    this._listenTo(this._hass.connection);
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
    const [texts] = await Promise.all([reportTexts(language), loadFullTexts(language)]);
    // Its days are Home Assistant's, wherever the page is read.
    const hass = { ...this._hass, locale: { ...this._hass.locale, time_zone: "server" } };
    const locale = new LaterLocale(hass, this._answer?.glucose_unit ?? "mg/dL");
    locale.texts = { ...locale.texts, ...texts };
    const buttons = () => [...this._root.querySelectorAll("nav button")];
    const focused = buttons().indexOf(/** @type {Element} */ (this._root.activeElement));
    const card = document.createElement("ha-card");
    card.append(this._bar(locale), this._body(locale));
    const style = document.createElement("style");
    style.textContent = reportStyles;
    this._root.replaceChildren(style, card);
    /** @type {HTMLElement | undefined} */ (buttons()[focused])?.focus({ preventScroll: true });
  }

  /** Whose report it is, as Home Assistant calls the pump. */
  _name() {
    const device = this._hass.devices?.[this._config.device_id];
    return device?.name_by_user ?? device?.name ?? this._answer.pump;
  }

  /** @param {LaterLocale} locale */
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
    print.onclick = () => printPage(reportPage(this._answer, locale, this._name(), PAPER_WIDTH), locale);
    bar.append(print);
    return bar;
  }

  /** @param {LaterLocale} locale */
  _body(locale) {
    const answer = this._answer;
    if (answer?.report) return reportPage(answer, locale, this._name(), Math.max(this._width, LEAST_WIDTH) - 2 * MARGIN);
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
 * @param {LaterLocale} locale
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
 * @param {LaterLocale} locale
 */
function printPage(page, locale) {
  const frame = document.createElement("iframe");
  frame.style.cssText = "position:fixed;width:0;height:0;border:0";
  frame.srcdoc = "<!doctype html>";
  frame.addEventListener("load", () => {
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
  });
  document.body.append(frame);
}
