// The card's options, and the form that edits them.

import { textsOf } from "./texts.js";

export const RANGES = ["3", "6", "12", "24", "day", "14_days"];
export const LAYERS = ["boluses", "basal", "activities", "alarms", "sites"];

const PUMPS = { integration: "tconnectsync", manufacturer: "Tandem Diabetes Care" };

/**
 * @typedef {{type: string, device_id?: string, entity_id?: string, config_entry_id?: string, title?: string,
 *   range?: string | number, hide?: string[], live_glucose?: string}} Config
 */

/**
 * The options, with what is not chosen filled in.
 * @param {Config} config
 */
export function readConfig(config) {
  const range = String(config.range ?? "24");
  if (!RANGES.includes(range)) throw new Error(`range: ${RANGES.join(", ")}`);
  const hide = config.hide ?? [];
  if (!Array.isArray(hide) || hide.some((layer) => !LAYERS.includes(layer))) {
    throw new Error(`hide: ${LAYERS.join(", ")}`);
  }
  const { device_id, entity_id, config_entry_id, title } = config;
  const named = Object.entries({ device_id, entity_id, config_entry_id }).find(([, id]) => id);
  const shows = (/** @type {string} */ layer) => !hide.includes(layer);
  return {
    /** @type {Record<string, string>} */
    account: named ? { [named[0]]: String(named[1]) } : {},
    title,
    range,
    live: config.live_glucose,
    shown: {
      boluses: shows("boluses"),
      basal: shows("basal"),
      activities: shows("activities"),
      alarms: shows("alarms"),
      sites: shows("sites"),
    },
  };
}

export function configForm() {
  const texts = textsOf(document.documentElement.lang || "en");
  const options = (/** @type {string[]} */ values, /** @type {string} */ prefix) =>
    values.map((value) => ({ value, label: texts[`${prefix}_${value}`] }));
  return {
    schema: [
      { name: "device_id", selector: { device: { filter: PUMPS } } },
      { name: "title", selector: { text: {} } },
      { name: "live_glucose", selector: { entity: { filter: { domain: "sensor", unit_of_measurement: ["mg/dL", "mmol/L"] } } } },
      { name: "range", selector: { select: { mode: "dropdown", options: options(RANGES, "range") } } },
      { name: "hide", selector: { select: { mode: "list", multiple: true, options: options(LAYERS, "layer") } } },
    ],
    computeLabel: ({ name }) => texts[`editor_${name}`],
    computeHelper: ({ name }) => texts[`editor_${name}_help`],
    assertConfig: readConfig,
  };
}

/**
 * The options of a new card: the first pump there is.
 * @param {any} hass
 */
export function stubConfig(hass) {
  const entity = Object.values(hass?.entities ?? {}).find(
    ({ platform, translation_key }) => platform === "tconnectsync" && translation_key === "last_event",
  );
  return { ...(entity?.device_id ? { device_id: entity.device_id } : {}), range: "24" };
}

/**
 * What to suggest for one of the pump's sensors.
 * @param {any} hass
 * @param {string} entityId
 */
export function suggestion(hass, entityId) {
  const entity = hass.entities?.[entityId];
  if (entity?.platform !== "tconnectsync" || !entityId.startsWith("sensor.")) return null;
  return { config: { type: "custom:tconnectsync-card", device_id: entity.device_id, range: "24" } };
}
