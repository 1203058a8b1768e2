// Why there is no picture, or nothing in it.

import { instant } from "./data.js";
import { textsOf } from "./texts.js";

/** @type {Record<string, string>} */
const FAILURES = {
  unknown_command: "not_set_up",
  account_not_found: "account_not_found",
  account_not_chosen: "account_not_chosen",
  unauthorized: "not_allowed",
};

/**
 * Why there is no picture, or nothing in it; null when there is.
 * @param {any} answer
 * @param {import("./whole_records.js").WholeRecords | null} records
 * @param {import("./chart.js").View} view
 * @param {import("./locale.js").Locale} locale
 */
export function absence(answer, records, view, locale) {
  if (!answer) return locale.say("loading");
  if (answer.newest === undefined) return " ";
  if (!answer.pump) return locale.say("no_pump");
  const newest = instant(answer.newest);
  if (newest === null) return locale.say("no_data_yet");
  if (!records || records.hasAny(view.start, view.end)) return null;
  return locale.say("no_data");
}

/**
 * What an error of the subscription means.
 * @param {any} error
 * @param {string} language
 */
export function failure(error, language) {
  const known = FAILURES[error.translation_key] ?? FAILURES[error.code];
  const texts = textsOf(language);
  return known ? texts[known] : texts.failed.replace("{reason}", error.message ?? error.code);
}
