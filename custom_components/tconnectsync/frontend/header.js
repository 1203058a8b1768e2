// The card's head: what held last and when, and what stands out.

import { instant } from "./data.js";
import { arrow, meaning } from "./words.js";

const MINUTE = 60_000;
const KNOWN_TROUBLE = ["tandem_unreachable", "tandem_busy", "tandem_changed", "sign_in_refused", "identity_not_verified"];

/**
 * How things stand, in words: values that are too old are left out.
 * @param {any} answer
 * @param {number} now
 * @param {import("./locale.js").Locale} locale
 * @param {(key: string) => string} localize
 */
export function standing(answer, now, locale, localize) {
  const newest = instant(answer.newest);
  const patience = answer.stale_after_minutes * MINUTE;
  const fresh = (/** @type {any} */ one) => (one && now - Date.parse(one.time ?? one.start) <= patience ? one : null);
  const stale = newest !== null && now - newest > patience;
  const glucose = fresh(answer.glucose);
  const onBoard = fresh(answer.insulin_on_board);
  const running = !stale;
  return {
    stale,
    newest,
    age: newest === null ? "" : locale.say("data_ends", { time: locale.timeOtherThan(newest, now), age: locale.duration(now - newest) }),
    values: [
      {
        name: "glucose",
        label: locale.say("glucose"),
        value: glucose ? glucoseText(glucose, locale) : null,
        unit: glucose?.glucose_mg_dl ? locale.glucoseUnit : "",
        arrow: glucose ? arrow(glucose.trend) : "",
        time: glucose ? locale.time(Date.parse(glucose.time)) : "",
        level: glucose ? level(glucose, answer) : "",
      },
      {
        name: "on-board",
        label: locale.say("insulin_on_board"),
        value: onBoard ? locale.number(onBoard.insulin_on_board_units, 2) : null,
        unit: onBoard ? locale.say("units") : "",
        time: onBoard ? locale.time(Date.parse(onBoard.time)) : "",
      },
      {
        name: "basal",
        label: locale.say("basal"),
        value: basalText(running, answer, locale),
        unit: running && answer.basal ? locale.say("units_per_hour") : "",
        time: running && newest !== null && (answer.basal || answer.suspension) ? locale.time(newest) : "",
      },
    ],
    raised: (answer.raised ?? []).map((alarm) => ({
      words: meaning(alarm, localize),
      since: locale.say("since", { time: locale.timeOtherThan(Date.parse(alarm.time), now) }),
    })),
  };
}

/**
 * What keeps new data from coming, in words; null when nothing does.
 * @param {string | null} trouble
 * @param {import("./locale.js").Locale} locale
 */
export function troubleText(trouble, locale) {
  if (!trouble) return null;
  return locale.say(KNOWN_TROUBLE.includes(trouble) ? `trouble_${trouble}` : "trouble_other");
}

/**
 * @param {any} reading
 * @param {import("./locale.js").Locale} locale
 */
function glucoseText({ glucose_mg_dl, state }, locale) {
  if (glucose_mg_dl !== null) return locale.glucoseNumber(glucose_mg_dl);
  return state === "low" || state === "high" ? locale.say(state) : null;
}

/**
 * @param {any} reading
 * @param {{low_mg_dl: number, high_mg_dl: number}} limits
 */
function level({ glucose_mg_dl, state }, { low_mg_dl, high_mg_dl }) {
  if (state === "low" || (glucose_mg_dl !== null && glucose_mg_dl < low_mg_dl)) return "low";
  if (state === "high" || (glucose_mg_dl !== null && glucose_mg_dl > high_mg_dl)) return "high";
  return glucose_mg_dl === null ? "" : "in";
}

/**
 * @param {boolean} running
 * @param {any} answer
 * @param {import("./locale.js").Locale} locale
 */
function basalText(running, answer, locale) {
  if (!running) return null;
  if (answer.suspension) return locale.say("suspended_short");
  return answer.basal ? locale.number(answer.basal.rate_units_per_hour, 3) : null;
}
