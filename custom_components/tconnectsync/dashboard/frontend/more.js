// What of the card is loaded as soon as there is a first picture.

import { absence, failure } from "./absence.js";
import { Explorer } from "./explore.js";
import { Followers } from "./followers.js";
import { FrameTools } from "./frame_tools.js";
import { legendOf } from "./legend.js";
import { Navigation } from "./navigation.js";
import { WholeDayPicture } from "./whole_day.js";
import { WholeRecords } from "./whole_records.js";

export { loadMoreTexts } from "./more_texts.js";

/**
 * @typedef {ReturnType<typeof moreOf>} More
 * @typedef {{frame: import("./frame.js").Frame, parts: {get: (name: any) => any},
 *   go: (place: import("./view.js").Place) => void, locale: () => import("./locale.js").Locale | null,
 *   changed: () => void}} Card
 */

/**
 * The rest of a card: once for each, whatever language is read later.
 * @param {any} before what was made for the language before, or null
 * @param {string} language
 * @param {Card} card
 */
export function moreOf(before, language, { frame, parts, go, locale, changed }) {
  const made = before ?? make({ frame, parts, go, locale, changed });
  return /** @type {ReturnType<typeof make> & {language: string}} */ ({ ...made, language });
}

/** @param {Card} card */
function make({ frame, parts, go, locale, changed }) {
  const navigation = new Navigation(frame, go);
  const tools = new FrameTools(frame, (day) => navigation.open(day));
  const explorer = new Explorer(frame.plot, {
    tell: (words, place) => tools.tell(words, place, /** @type {import("./locale.js").Locale} */ (locale())),
    open: (day) => navigation.open(day),
    step: (steps) => navigation.swipe(steps),
  });
  const followers = new Followers(parts, changed);
  return { Records: WholeRecords, DayPicture: WholeDayPicture, navigation, tools, explorer, followers, legendOf, absence, failure };
}
