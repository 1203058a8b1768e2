// What the colours and marks mean.

import { SHAPES } from "./marks.js";

/**
 * Class and words of each, and the shape of those that are marks.
 * @param {boolean} fortnight
 * @param {Shown} shown
 * @param {boolean} isLive
 * @param {LaterLocale} locale
 * @returns {[string, string, string?][]}
 */
export function legendOf(fortnight, shown, isLive, locale) {
  const say = (/** @type {string} */ key) => locale.say(key);
  if (fortnight) {
    return [
      ["median", say("median")],
      ["half", say("half_of_days")],
      ["most", say("most_days")],
      ["today", say("today")],
    ];
  }
  const mark = (/** @type {string} */ kind, /** @type {string} */ key) =>
    /** @type {[string, string, string]} */ ([`symbol ${kind}`, say(key), SHAPES[kind]]);
  return [
    ["very-low", say("very_low")],
    ["low", say("low")],
    ["in", say("in_range")],
    ["high", say("high")],
    ["very-high", say("very_high")],
    ...(isLive ? [/** @type {[string, string]} */ (["live", say("live_glucose")])] : []),
    ...(shown.boluses
      ? [["bolus", say("bolus")], ["automatic", say("bolus_automatic")], ["carbs", say("carbs")], ["on-board", say("insulin_on_board")]]
      : []),
    ...(shown.basal
      ? [
          ["basal", say("basal")],
          ["above", say("basal_raised")],
          ["below", say("basal_lowered")],
          ["stopped", say("basal_stopped")],
          ["profile", say("profile")],
          mark("suspension", "suspended"),
        ]
      : []),
    ...(shown.alarms ? [mark("alarm", "kind_alarm"), mark("alert", "kind_alert"), mark("cgm_alert", "kind_cgm_alert")] : []),
    ...(shown.sites ? [mark("site", "site_change"), mark("sensor", "sensor_start")] : []),
  ];
}
