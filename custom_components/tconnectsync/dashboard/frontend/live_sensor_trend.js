// Where glucose of another sensor is heading: as it says itself, or by its last readings if they suffice.

import { MINUTE } from "./units.js";

/** Attributes in which sensors tell it. */
const ATTRIBUTES = ["trend", "direction", "glucose_trend"];
/**
 * The names of others, without anything but letters.
 * @type {Record<string, string>}
 */
const NAMES = {
  doubledown: "double_down",
  fallingquickly: "double_down",
  singledown: "single_down",
  falling: "single_down",
  decreasingfast: "single_down",
  fortyfivedown: "forty_five_down",
  fallingslightly: "forty_five_down",
  decreasing: "forty_five_down",
  flat: "flat",
  steady: "flat",
  stable: "flat",
  fortyfiveup: "forty_five_up",
  risingslightly: "forty_five_up",
  increasing: "forty_five_up",
  singleup: "single_up",
  rising: "single_up",
  increasingfast: "single_up",
  doubleup: "double_up",
  risingquickly: "double_up",
};
/** Of so long, seen at least so often and with no longer gap, a rate is reckoned. */
const SPAN = 15 * MINUTE;
const LEAST_SPAN = 10 * MINUTE;
const LEAST_READINGS = 3;
const LONGEST_GAP = 7 * MINUTE;
/** Rates (mg/dL a minute) from which an arrow is steeper. */
const STEPS = { forty_five: 1, single: 2, double: 3 };

/**
 * The trend that a sensor tells, or another sensor of its device, by the name of the pump's own; null where none does.
 * @param {Hass} hass
 * @param {string} entity
 * @returns {string | null}
 */
export function reportedTrend(hass, entity) {
  const attributes = hass.states[entity]?.attributes ?? {};
  const device = hass.entities?.[entity]?.device_id;
  const beside = Object.values(hass.entities ?? {})
    .filter((other) => device && other.device_id === device && /^sensor\..*trend/.test(other.entity_id))
    .map(({ entity_id }) => hass.states[entity_id]?.state);
  const words = [...ATTRIBUTES.map((name) => attributes[name]), ...beside];
  return words.map((word) => NAMES[String(word ?? "").toLowerCase().replace(/[^a-z]/g, "")]).find(Boolean) ?? null;
}

/**
 * By the straight line that lies best among the readings of the last quarter of an hour; null where they do not suffice.
 * @param {LiveReading[]} readings at least one, the oldest first
 * @returns {string | null}
 */
export function reckonedTrend(readings) {
  const newest = readings[readings.length - 1];
  const last = readings.filter(({ at }) => newest.at - at <= SPAN);
  const gaps = last.slice(1).map(({ at }, index) => at - last[index].at);
  if (last.length < LEAST_READINGS || newest.at - last[0].at < LEAST_SPAN || Math.max(...gaps) > LONGEST_GAP) return null;
  const rate = slope(last.map(({ at, value }) => [(at - newest.at) / MINUTE, value]));
  const step = Object.entries(STEPS).reduce((found, [name, least]) => (Math.abs(rate) >= least ? name : found), "");
  return step ? `${step}_${rate > 0 ? "up" : "down"}` : "flat";
}

/** @param {number[][]} points */
function slope(points) {
  const mean = (/** @type {number} */ axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const along = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0);
  return along / points.reduce((sum, [px]) => sum + (px - x) ** 2, 0);
}
