// Why there is no picture, or nothing in it, or nothing new.

import { instant } from "./glucose_records.js";

/** Which card this page has loaded, as its address says. */
const LOADED = /\/tconnectsync\/(\w+)\//.exec(import.meta.url)?.[1];

/** @type {Record<string, string>} */
const FAILURES = {
  unknown_command: "not_set_up",
  account_not_found: "account_not_found",
  account_not_chosen: "account_not_chosen",
  unauthorized: "not_allowed",
};

/**
 * What of the account keeps new data from coming, in words; null when nothing does.
 * @param {any} answer
 * @param {LaterLocale} locale
 */
export function notice(answer, locale) {
  if (!answer) return null;
  if (answer.state === "removed") return locale.say("account_removed");
  if (answer.clock_doubtful) return locale.say("clock_doubtful");
  if (answer.error) return locale.texts[`error_${answer.error}`] ?? locale.say("error_other");
  return answer.state === "loaded" ? null : locale.say("account_not_loaded");
}

/**
 * Whether Home Assistant has another card than this page, in words; null when not.
 * @param {any} answer
 * @param {LaterLocale} locale
 */
export function updated(answer, locale) {
  return LOADED && answer?.card && answer.card !== LOADED ? locale.say("card_updated") : null;
}

/**
 * Why there is no picture, or nothing in it; null when there is.
 * @param {any} answer
 * @param {LaterRecords | null} records
 * @param {View} view
 * @param {LaterLocale} locale
 */
export function absence(answer, records, view, locale) {
  if (!answer) return locale.say("loading");
  if (answer.newest === undefined) return " ";
  if (!answer.pump) return locale.say("no_pump");
  if (instant(answer.newest) === null) return locale.say("no_data_yet");
  return !records || records.hasAny(view.start, view.end) ? null : locale.say("no_data");
}

/**
 * What an error of the subscription means.
 * @param {any} error
 * @param {LaterLocale} locale
 */
export function failure(error, locale) {
  const known = FAILURES[error.translation_key] ?? FAILURES[error.code];
  return known ? locale.say(known) : locale.say("failed", { reason: error.message ?? error.code });
}
