// The card's options, with what is not chosen filled in.

export const RANGES = ["3", "6", "12", "24", "day", "14_days"];
export const LAYERS = ["boluses", "basal", "activities", "alarms", "sites"];
export const PILLS = ["delta", "last_bolus", "last_carbs", "reservoir", "battery", "site_age", "sensor_left", "control"];

export const DEFAULTS = {
  range: "24",
  ranges: RANGES,
  show: LAYERS,
  pills: ["last_bolus", "reservoir", "site_age", "sensor_left"],
};

/**
 * @typedef {{type: string, device_id?: string, entity_id?: string, config_entry_id?: string, title?: string,
 *   range?: string | number, ranges?: (string | number)[], show?: string[], pills?: string[],
 *   live_glucose?: string, night_from?: string, night_to?: string, low?: number, high?: number, height?: number}} Config `low` and `high` in mg/dL,
 *   `height` of the picture in pixels
 */

/** @param {Config} config */
export function readConfig(config) {
  const range = String(config.range ?? DEFAULTS.range);
  const ranges = (config.ranges ?? DEFAULTS.ranges).map(String);
  const show = config.show ?? DEFAULTS.show;
  const pills = config.pills ?? DEFAULTS.pills;
  known("range", [range], RANGES);
  known("ranges", ranges, RANGES);
  known("show", show, LAYERS);
  known("pills", pills, PILLS);
  const { device_id, entity_id, config_entry_id, title, low, high, height } = config;
  for (const [name, value] of Object.entries({ low, high, height })) {
    if (value !== undefined && !(Number(value) > 0)) throw new Error(`${name}: ${value}`);
  }
  if (low && high && low >= high) throw new Error(`low: ${low}, high: ${high}`);
  const named = Object.entries({ device_id, entity_id, config_entry_id }).find(([, id]) => id);
  return {
    /** @type {Record<string, string>} */
    account: named ? { [named[0]]: String(named[1]) } : {},
    title,
    range,
    ranges: RANGES.filter((one) => one === range || ranges.includes(one)),
    pills: PILLS.filter((one) => pills.includes(one)),
    live: config.live_glucose,
    low,
    high,
    height,
    night: config.night_from && config.night_to ? { from: hourOf(config.night_from), to: hourOf(config.night_to) } : null,
    shown: /** @type {import("./chart.js").Shown} */ (
      Object.fromEntries(LAYERS.map((layer) => [layer, show.includes(layer)]))
    ),
  };
}

/** @param {string} time such as 22:00:00 */
function hourOf(time) {
  if (!/^\d\d:\d\d/.test(time)) throw new Error(`night: ${time}`);
  return time.slice(0, 5);
}

/**
 * @param {string} name
 * @param {string[]} chosen
 * @param {string[]} all
 */
function known(name, chosen, all) {
  if (!Array.isArray(chosen) || chosen.some((one) => !all.includes(one))) throw new Error(`${name}: ${all.join(", ")}`);
}
