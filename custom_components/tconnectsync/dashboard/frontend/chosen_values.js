// Small values under the header, those a person chose: what is left, what was last, how long it has been worn.

import { entityOf, showMore } from "./entities.js";
import { isOfNow, isRecent } from "./freshness.js";

const UNKNOWN = ["unknown", "unavailable", ""];

/**
 * `sometimes`: of some sensors only; `ofNow`: says nothing once it is not of now.
 * @type {Record<string, {key: string, domain?: string, sometimes?: boolean, ofNow?: boolean, words: (state: any, context: Context) => string}>}
 */
const KINDS = {
  delta: { key: "glucose_delta", ofNow: true, words: (state, { format }) => `${Number(state.state) > 0 ? "+" : ""}${format(state)}` },
  last_bolus: { key: "last_bolus", words: lastBolus },
  last_carbs: { key: "last_carbs", words: (state, { format }) => format(state) },
  reservoir: { key: "reservoir", words: (state, { format }) => format(state) },
  battery: { key: "battery", words: (state, { format }) => format(state) },
  site_age: { key: "site_changed", words: (state, { now, locale }) => locale.duration(now - Date.parse(state.state)) },
  sensor_left: {
    key: "sensor_expires",
    sometimes: true,
    words: (state, { now, locale }) => {
      const left = Date.parse(state.state) - now;
      return left > 0 ? locale.duration(left) : locale.say("expired");
    },
  },
  control: { domain: "binary_sensor", key: "closed_loop", words: (state, { format }) => format(state) },
};

/** @typedef {{now: number, locale: LaterLocale, format: (state: any) => string}} Context */

/**
 * @param {any} state with the time among its details, and whether its end is still to come
 * @param {Context} context
 */
function lastBolus(state, { format, now, locale }) {
  const at = Date.parse(state.attributes.time);
  const units = format(state);
  const words = state.attributes.in_progress ? locale.say("in_progress", { units }) : units;
  return [words, Number.isNaN(at) ? "" : locale.timeOtherThan(at, now)].filter(Boolean).join(" · ");
}

/**
 * Those of the chosen pills whose entities are there; without a connection entities stay as they were, however old.
 * @param {{hass: any, answer: any, chosen: string[], now: number, locale: LaterLocale}} what
 * @returns {HTMLElement[]}
 */
export function pillsOf({ hass, answer, chosen, now, locale }) {
  const context = { now, locale, format: (/** @type {any} */ state) => hass.formatEntityState(state) };
  return chosen.flatMap((name) => {
    const { key, domain = "sensor", sometimes, ofNow, words } = KINDS[name];
    const state = hass.states[entityOf(hass, answer.device_id, domain, key) ?? ""];
    const at = Date.parse(state?.attributes.as_of);
    const isOld = ofNow ? !isOfNow(at, now) : at && !isRecent(answer, at, now);
    const known = state && !UNKNOWN.includes(state.state) && !isOld;
    if (!state || (sometimes && !known)) return [];
    return [pill(name, locale.say(`pill_${name}`), known ? words(state, context) : "–", state.entity_id)];
  });
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string} value
 * @param {string} entity
 */
function pill(name, label, value, entity) {
  const element = document.createElement("button");
  element.className = `pill ${name}`;
  const what = document.createElement("span");
  what.textContent = label;
  element.append(what, ` ${value}`);
  element.addEventListener("click", () => showMore(element, entity));
  return element;
}
