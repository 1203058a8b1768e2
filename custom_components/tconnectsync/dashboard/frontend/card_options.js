// The card's options, with what is not chosen filled in.

import { DEFAULT_RANGE, RANGES } from "./ranges.js";
import { MG_DL_PER_MMOL_L } from "./units.js";

export const LAYERS = ["boluses", "basal", "activities", "alarms", "sites"];
export const PILLS = ["delta", "last_bolus", "last_carbs", "reservoir", "battery", "site_age", "sensor_left", "control"];

export const DEFAULTS = {
  range: DEFAULT_RANGE,
  ranges: RANGES,
  show: LAYERS,
  pills: ["last_bolus", "reservoir", "site_age", "sensor_left"],
};

export function readConfig(config) {
  const { device_id, entity_id, config_entry_id, title, height, live_glucose, night_from, night_to } = config;
  const [range] = chosen("range", config.range ?? DEFAULTS.range, RANGES);
  const ranges = chosen("ranges", config.ranges ?? DEFAULTS.ranges, RANGES);
  const show = chosen("show", config.show ?? DEFAULTS.show, LAYERS);
  const [low, high] = ["low", "high"].map((name) => limit(name, config[name]));
  if (low >= high) throw new Error("low has to be below high");
  if (height && !(height > 0)) throw new Error("height: enter a number of pixels, such as 400");
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

/** Those of the card, unless one of them is not on its side of the account's other one. */
export function limitsInForce({ low, high }, { low_mg_dl, high_mg_dl }) {
  const limits = { low: low ?? low_mg_dl, high: high ?? high_mg_dl };
  return limits.low < limits.high ? limits : { low: low_mg_dl, high: high_mg_dl };
}

/** A limit in mg/dL, of one in mg/dL or in mmol/L. */
function limit(name, value) {
  if (value === undefined) return value;
  const limit = value < 30 ? Math.round(value * MG_DL_PER_MMOL_L) : Number(value);
  if (limit >= 40 && limit <= 400) return limit;
  throw new Error(`${name}: enter a limit from 40 to 400 mg/dL or from 2.2 to 22.2 mmol/L`);
}

/** @param time such as 22:00:00 or 7:00 */
function hourOf(time) {
  const [, hour, minutes] = /^([01]?\d|2[0-3])(:[0-5]\d)/.exec(time) ?? [];
  if (!hour) throw new Error('night_from, night_to: enter a time in quotes, such as "22:00"');
  return hour.padStart(2, "0") + minutes;
}

/** What of all is chosen, in order. */
function chosen(name, some, all) {
  const names = [some].flat().map(String);
  if (names.some((one) => !all.includes(one))) throw new Error(`${name}: choose from ${all.join(", ")}`);
  return all.filter((one) => names.includes(one));
}
