// The summary above the picture: what held last and when, and what stands out.

import { instant } from "./data.js";
import { GLUCOSE_OF_NOW, levelOf } from "./levels.js";
import { arrow, meaning } from "./names.js";

/** @typedef {import("./locale.js").Locale} Locale */

const MINUTE = 60_000;
const KNOWN_ERRORS = ["tandem_unreachable", "tandem_busy", "tandem_changed", "sign_in_refused", "identity_not_verified"];

/**
 * The summary in words: values that are too old are left out, and a glucose that is not of now says its age.
 * @param {any} answer of an account whose pump has told something
 * @param {{low: number, high: number}} limits in mg/dL
 * @param {ReturnType<import("./live.js").LiveGlucose["newest"]> | undefined} live the newest of another sensor, undefined without one
 * @param {number} now
 * @param {Locale} locale
 * @param {(key: string) => string} localize
 */
export function summary(answer, limits, live, now, locale, localize) {
  const newest = Date.parse(answer.newest);
  const patience = answer.stale_after_minutes * MINUTE;
  const fresh = (/** @type {any} */ one) => (one && now - Date.parse(one.time) <= patience ? one : null);
  const stale = isStale(answer, now);
  const glucose = fresh(answer.glucose);
  const glucoseAt = glucose ? Date.parse(glucose.time) : now;
  const ofNow = now - glucoseAt <= GLUCOSE_OF_NOW;
  const liveAge = live ? now - live.at : Infinity;
  const estimate = fresh(answer.insulin_on_board_estimate);
  const onBoard = estimate ?? fresh(answer.insulin_on_board);
  return {
    stale,
    // A notice says it in its own words once it is too old.
    age: stale ? "" : dataEnds(newest, now, locale),
    values: [
      ...(live === undefined
        ? []
        : [
            {
              name: "live",
              label: locale.say("live_glucose"),
              value: live && liveAge <= patience ? locale.glucoseNumber(live.value) : null,
              unit: locale.glucoseUnit,
              arrow: live && liveAge <= GLUCOSE_OF_NOW ? arrow(live.trend) : "",
              time: live ? locale.say("ago", { age: locale.duration(liveAge) }) : "",
              level: live && liveAge <= GLUCOSE_OF_NOW ? levelOf(live.value, limits) : "",
            },
          ]),
      {
        name: "glucose",
        label: locale.say("glucose"),
        value: glucose ? glucoseText(glucose, locale) : null,
        unit: glucose?.glucose_mg_dl ? locale.glucoseUnit : "",
        arrow: glucose && ofNow ? arrow(glucose.trend) : "",
        time: !glucose ? "" : ofNow ? locale.time(glucoseAt) : locale.say("ago", { age: locale.duration(now - glucoseAt) }),
        level: glucose && ofNow ? level(glucose, limits) : "",
      },
      {
        name: "on-board",
        label: locale.say("insulin_on_board"),
        value: onBoard ? onBoardText(onBoard, estimate, locale) : null,
        unit: onBoard ? locale.say("units") : "",
        time: onBoard ? locale.time(Date.parse(onBoard.time)) : "",
      },
      {
        name: "basal",
        label: locale.say("basal"),
        value: stale ? null : basalText(answer, locale),
        unit: !stale && answer.basal ? locale.say("units_per_hour") : "",
        time: !stale && (answer.basal || answer.suspension) ? locale.time(newest) : "",
      },
    ],
    raised: (answer.raised ?? []).map((/** @type {any} */ alarm) => ({
      words: meaning(alarm, localize),
      since: locale.say("since", { time: locale.timeOtherThan(Date.parse(alarm.time), now) }),
    })),
  };
}

/**
 * What keeps new data from coming, in words; null when nothing does.
 * @param {any} answer
 * @param {boolean} connected
 * @param {number} now
 * @param {Locale} locale
 */
export function notice(answer, connected, now, locale) {
  if (!connected) return locale.say("disconnected");
  if (!answer) return null;
  if (answer.state === "removed") return locale.say("account_removed");
  if (answer.error) {
    return locale.say(KNOWN_ERRORS.includes(answer.error) ? `error_${answer.error}` : "error_other");
  }
  if (answer.state !== "loaded") return locale.say("account_not_loaded");
  const newest = instant(answer.newest);
  if (newest === null || !isStale(answer, now)) return null;
  return `${dataEnds(newest, now, locale)}. ${locale.say("stale")}`;
}

/**
 * @param {number} newest
 * @param {number} now
 * @param {Locale} locale
 */
const dataEnds = (newest, now, locale) =>
  locale.say("data_ends", { time: locale.timeOtherThan(newest, now), age: locale.duration(now - newest) });

/**
 * @param {any} answer
 * @param {number} now
 */
function isStale(answer, now) {
  const newest = instant(answer.newest);
  return newest !== null && now - newest > answer.stale_after_minutes * MINUTE;
}

/**
 * @param {any} reading
 * @param {Locale} locale
 */
function glucoseText({ glucose_mg_dl, state }, locale) {
  if (glucose_mg_dl !== null) return locale.glucoseNumber(glucose_mg_dl);
  return state === "low" || state === "high" ? locale.say(state) : null;
}

/**
 * @param {any} reading
 * @param {{low: number, high: number}} limits
 */
function level({ glucose_mg_dl, state }, limits) {
  if (state === "low") return "very-low";
  if (state === "high") return "very-high";
  return glucose_mg_dl === null ? "" : levelOf(glucose_mg_dl, limits);
}

/**
 * What the pump said is exact, the estimate is not.
 * @param {any} onBoard
 * @param {any} estimate
 * @param {Locale} locale
 */
const onBoardText = ({ insulin_on_board_units: units }, estimate, locale) =>
  estimate ? `≈ ${locale.number(units, 1, 1)}` : locale.number(units, 2);

/**
 * @param {any} answer
 * @param {Locale} locale
 */
function basalText(answer, locale) {
  if (answer.suspension) return locale.say("suspended_short");
  return answer.basal ? locale.number(answer.basal.rate_units_per_hour, 3) : null;
}
