// The span of time in view, and what to ask for it.

import { DAY, HOUR } from "./units.js";

export const FORTNIGHT = "14_days";
export const RANGES = ["3", "6", "12", "24", "day", FORTNIGHT];
export const DEFAULT_RANGE = "24";
/** Ranges of which a line says what they come to. */
export const SUMMED = ["day", "24"];
const DAYS_OVERLAID = 14;
/** What began before a picture may reach into it. */
const BEFORE = 4 * HOUR;

export function viewOf({ range, day, until }, now, clock) {
  const today = clock.dayKey(now);
  if (range === "day") {
    const key = day ?? today;
    return { now, start: clock.dayStart(key), end: clock.dayStart(clock.dayAfter(key, 1)), wholeDay: true };
  }
  if (range === FORTNIGHT) {
    return { now, start: clock.dayStart(clock.dayAfter(today, 1 - DAYS_OVERLAID)), end: now, wholeDay: true };
  }
  const end = until ?? now;
  return { now, start: end - Number(range) * HOUR, end, wholeDay: false };
}

/** What to subscribe to: the last day, whichever of its hours are in view. */
export function wantedFor(range, { start, end, now }, account) {
  if (range === FORTNIGHT) return { account, start, end: null, kinds: ["glucose"], slack: 0 };
  if (range === "day" || end < now) return { account, start: start - BEFORE, end, slack: 0 };
  return { account, start: Math.floor((end - DAY - BEFORE) / HOUR) * HOUR, end: null, slack: DAY };
}
