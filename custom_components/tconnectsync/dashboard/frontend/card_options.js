// The card's options, with what is not chosen filled in.

import { DEFAULT_RANGE, RANGES } from "./ranges.js";

export const LAYERS = ["boluses", "basal", "activities", "alarms", "sites"];
export const PILLS = ["delta", "last_bolus", "last_carbs", "reservoir", "battery", "site_age", "sensor_left", "control"];

export const DEFAULTS = {
  range: DEFAULT_RANGE,
  ranges: RANGES,
  show: LAYERS,
  pills: ["last_bolus", "reservoir", "site_age", "sensor_left"],
};

export function readConfig(config) {
  const { device_id, entity_id, config_entry_id, title, low, high, height, live_glucose, night_from, night_to } = config;
  const range = String(config.range ?? DEFAULTS.range);
  const ranges = chosen("ranges", (config.ranges ?? DEFAULTS.ranges).map(String), RANGES);
  const show = chosen("show", config.show ?? DEFAULTS.show, LAYERS);
  chosen("range", [range], RANGES);
  for (const [name, value] of Object.entries({ low, high, height })) {
    if (value !== undefined && !(Number(value) > 0)) throw new Error(`${name}: ${value}`);
  }
  if (low && high && low >= high) throw new Error(`low: ${low}, high: ${high}`);
  const named = Object.entries({ device_id, entity_id, config_entry_id }).find(([, id]) => id);
  return {
    account: named ? { [named[0]]: String(named[1]) } : {},
    title,
    range,
    ranges: RANGES.filter((one) => one === range || ranges.includes(one)),
    pills: chosen("pills", config.pills ?? DEFAULTS.pills, PILLS),
    live: live_glucose,
    low,
    high,
    height,
    night: night_from && night_to ? { from: hourOf(night_from), to: hourOf(night_to) } : null,
    shown: Object.fromEntries(LAYERS.map((layer) => [layer, show.includes(layer)])),
  };
}

/** @param time such as 22:00:00 */
function hourOf(time) {
  if (!/^\d\d:\d\d/.test(time)) throw new Error(`night: ${time}`);
  return time.slice(0, 5);
}

/** What of all is chosen, in order. */
function chosen(name, some, all) {
  if (!Array.isArray(some) || some.some((one) => !all.includes(one))) throw new Error(`${name}: ${all.join(", ")}`);
  return all.filter((one) => some.includes(one));
}
