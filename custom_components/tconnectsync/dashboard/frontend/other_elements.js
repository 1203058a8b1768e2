// What stands on dashboards besides the card: small elements that load what they do when they are used.

import { load } from "./load.js";
import { DAYS } from "./report_days.js";
import { stubConfig } from "./stub_config.js";
import { MINUTE } from "./units.js";

/**
 * Have Home Assistant offer the dashboard, the badge and the tile's feature.
 * @param {Record<string, string>} texts
 */
export function defineOtherElements(texts) {
  const page = /** @type {any} */ (window);
  for (const kind of ["dashboard", "section"]) {
    define(
      `ll-strategy-${kind}-tconnectsync`,
      class extends HTMLElement {
        /**
         * @param {any} config
         * @param {Hass} hass
         */
        static async generate(config, hass) {
          return (await load(() => import("./strategy.js")))[kind](config, hass);
        }
      },
    );
  }
  offer(page, "customStrategies", {
    type: "tconnectsync",
    strategyType: "dashboard",
    name: texts.dashboard,
    description: texts.dashboard_description,
  });
  const badge = onDemand("tconnectsync-badge-body", async () => (await load(() => import("./badge.js"))).Badge, texts);
  define("tconnectsync-badge", withForm(badge, "badgeForm", texts));
  define("tconnectsync-trend", onDemand("tconnectsync-trend-body", async () => (await load(() => import("./trend_feature.js"))).TrendFeature, texts));
  define("tconnectsync-report-card", withForm(reportCard(texts), "reportForm", texts));
  offer(page, "customCards", { type: "tconnectsync-report-card", name: texts.report, description: texts.report_description });
  offer(page, "customBadges", { type: "tconnectsync-badge", name: texts.badge, description: texts.badge_description, preview: true });
  offer(page, "customCardFeatures", {
    type: "tconnectsync-trend",
    name: texts.trend,
    isSupported: (/** @type {any} */ hass, /** @type {any} */ context) => {
      const entity = hass.entities?.[context?.entity_id];
      return entity?.platform === "tconnectsync" && entity.translation_key === "glucose";
    },
  });
}

/**
 * The report, as large as dashboards let it be.
 * @param {Record<string, string>} texts
 */
const reportCard = (texts) =>
  class extends onDemand("tconnectsync-report-body", async () => (await load(() => import("./report.js"))).Report, texts) {
    /** @param {Hass} hass */
    static getStubConfig(hass) {
      return { ...stubConfig(hass), days: String(DAYS[0]) };
    }

    getCardSize() {
      return 20;
    }

    getGridOptions() {
      return { columns: "full", min_columns: 6 };
    }
  };

/**
 * An element with the form that edits it.
 * @param {CustomElementConstructor} element
 * @param {"badgeForm" | "reportForm"} name
 * @param {Record<string, string>} texts
 */
const withForm = (element, name, texts) =>
  class extends element {
    static async getConfigForm() {
      return (await load(() => import("./other_element_forms.js")))[name](texts);
    }
  };

/**
 * An element that loads another one when it is used, and hands on to it what it is given.
 * @param {string} name of the other
 * @param {() => Promise<CustomElementConstructor>} get
 * @param {Record<string, string>} texts
 */
const onDemand = (name, get, texts) =>
  class extends HTMLElement {
    constructor() {
      super();
      /** @type {any} */
      this._given = {};
      /** @type {any} */
      this._body = null;
    }

    /** @param {any} config */
    setConfig(config) {
      this._given.config = config;
      this._body?.setConfig(config);
    }

    /** @param {Hass} hass */
    set hass(hass) {
      this._given.hass = hass;
      if (this._body) this._body.hass = hass;
    }

    /** @param {any} context */
    set context(context) {
      this._given.context = context;
      if (this._body) this._body.context = context;
    }

    connectedCallback() {
      if (!this._body) this._load();
    }

    disconnectedCallback() {
      clearTimeout(this._again);
    }

    /** Say so where it cannot be loaded, and try again later. */
    async _load() {
      clearTimeout(this._again);
      try {
        define(name, await get());
      } catch {
        if (this.isConnected) this._again = setTimeout(() => this._load(), MINUTE);
        if (!this._body) this.textContent = texts.part_missing;
        return;
      }
      if (this._body) return;
      const { config, ...given } = this._given;
      this._body = Object.assign(/** @type {any} */ (document.createElement(name)), given);
      this._body.setConfig(config ?? {});
      this.replaceChildren(this._body);
    }
  };

/**
 * @param {string} name
 * @param {CustomElementConstructor} element
 */
function define(name, element) {
  if (!customElements.get(name)) customElements.define(name, element);
}

/**
 * @param {any} page
 * @param {string} list
 * @param {{type: string}} one
 */
function offer(page, list, one) {
  page[list] ??= [];
  if (!page[list].some(({ type }) => type === one.type)) page[list].push(one);
}
