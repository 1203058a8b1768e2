// Whether what is known is new enough to be shown.

import { instant } from "./glucose_records.js";
import { MINUTE } from "./units.js";

/** An older glucose has no colour, no arrow, and its age instead of a time. */
const GLUCOSE_OF_NOW = 15 * MINUTE;

export const isOfNow = (at, now) => now - at <= GLUCOSE_OF_NOW;

/** Whether something is shown at all. */
export const isRecent = (answer, at, now) => now - at <= answer.stale_after_minutes * MINUTE;

/** The same of the pump, unless its clock may be wrong: then nobody knows when that was. */
export const isFresh = (answer, at, now) => !answer.clock_doubtful && isRecent(answer, at, now);

export function isStale(answer, now) {
  const newest = instant(answer?.newest);
  return newest !== null && !isFresh(answer, newest, now);
}

/** Why nothing is of now, or null. */
export function staleNotice(answer, now, locale) {
  if (answer?.clock_doubtful) return locale.say("clock_doubtful");
  return isStale(answer, now) ? `${dataEnds(answer, now, locale)}. ${locale.say("stale")}` : null;
}

export function dataEnds(answer, now, locale) {
  const newest = Date.parse(answer.newest);
  return locale.say("data_ends", { time: locale.timeOtherThan(newest, now), age: locale.duration(now - newest) });
}
