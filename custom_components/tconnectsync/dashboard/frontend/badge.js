// A badge: glucose with its age, so that an old one cannot be taken for one of now.

import { accountOf } from "./accounts.js";
import { entityOf, showMore } from "./entities.js";
import { LiveGlucose, readingOf } from "./live_sensor.js";
import { Locale } from "./locale.js";
import { isOfNow, isRecent } from "./freshness.js";
import { bandOf } from "./glucose_bands.js";
import { HOUR, MINUTE } from "./units.js";
import { loadTexts } from "./texts.js";

const STYLE = `
  ha-badge { --badge-color: var(--secondary-text-color); cursor: pointer; }
  .low, .very-low { --badge-color: var(--red-color); color: var(--red-color); }
  .in { --badge-color: var(--green-color); }
  .high, .very-high { --badge-color: var(--orange-color); }
`;

export class Badge extends HTMLElement {
  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = STYLE;
    this._badge = /** @type {any} */ (document.createElement("ha-badge"));
    this._badge.type = "button";
    const icon = /** @type {any} */ (document.createElement("ha-icon"));
    icon.icon = "mdi:diabetes";
    icon.slot = "icon";
    this._words = document.createElement("span");
    this._badge.append(icon, this._words);
    this._badge.addEventListener("click", () => this._entity && showMore(this, this._entity));
    root.append(style, this._badge);
    /** @type {any} */
    this._hass = null;
    /** @type {any} */
    this._config = {};
    /** @type {import("./accounts.js").Account | null} */
    this._account = null;
    /** @type {string | null | undefined} */
    this._entity = null;
    this._live = new LiveGlucose(() => this._show());
    this._since = Date.now() - 3 * HOUR;
  }

  /** @param {{device_id?: string, live_glucose?: string}} config */
  setConfig(config) {
    this._config = config;
    this._account = null;
    if (!this._hass) return;
    this._show();
    this._find();
  }

  /** @param {Hass} hass */
  set hass(hass) {
    const first = !this._hass;
    this._hass = hass;
    if (first) this._find();
    else this._show();
  }

  connectedCallback() {
    this._timer = setInterval(() => this._tick(), MINUTE);
    document.addEventListener("visibilitychange", this);
    this._show();
  }

  disconnectedCallback() {
    clearInterval(this._timer);
    document.removeEventListener("visibilitychange", this);
  }

  /** A page is seen again: timers do not count sleep. */
  handleEvent() {
    this._tick();
  }

  /** Show what is known by now, and ask again: limits may have been changed, or Home Assistant been starting. */
  _tick() {
    this._show();
    if (this._hass) this._find();
  }

  async _find() {
    const { language } = this._hass.locale;
    const config = this._config;
    await loadTexts(language);
    try {
      const account = await accountOf(this._hass, config.device_id);
      if (config !== this._config) return;
      this._account = account;
    } catch {
      // What was known of the account still holds; what was not is asked for again in a minute.
    }
    this._show();
  }

  /**
   * What the entity says; of another sensor also how long it has said so.
   * @param {Hass} hass
   * @param {any} state
   * @param {string | null | undefined} own
   */
  _readingOf(hass, state, own) {
    const said = readingOf(state.state, state.attributes, Date.parse(state.last_updated));
    if (!said || state.entity_id === own) return said;
    this._live.follow(hass, state.entity_id, this._since);
    return this._live.newest(hass, state.entity_id);
  }

  _show() {
    const { _hass: hass, _account: account } = this;
    if (!hass || !account) {
      this._words.textContent = "–";
      this._badge.className = "";
      this._entity = null;
      return;
    }
    const own = entityOf(hass, account.device_id, "sensor", "glucose");
    this._entity = this._config.live_glucose ?? account.live_glucose ?? own;
    const state = hass.states[this._entity ?? ""];
    const now = Date.now() + account.skew;
    const found = state && this._readingOf(hass, state, own);
    const reading = found && isRecent(account, found.at, now) ? found : null;
    const beyond = state?.attributes.beyond_range;
    const since = beyond ? Date.parse(state.attributes.as_of) : NaN;
    const at = reading?.at ?? (isRecent(account, since, now) ? since : null);
    const unit = hass.states[own ?? ""]?.attributes.unit_of_measurement ?? state?.attributes.unit_of_measurement;
    const locale = new Locale(hass, unit ?? "mg/dL");
    const words = reading ? locale.glucoseNumber(reading.value) : beyond ? locale.say(beyond) : null;
    this._words.textContent = words && at ? `${words} · ${locale.duration(now - at)}` : "–";
    const limits = { low: account.low_mg_dl, high: account.high_mg_dl };
    const band = reading ? bandOf(reading.value, limits) : beyond ? `very-${beyond}` : "";
    this._badge.className = at && isOfNow(at, now) ? band : "";
  }
}
