// Things that happened, as marks that can be touched and reached by keyboard.

import { fixed, svg } from "./svg.js";
import { activityWords, alarmWords, bolusWords, sentence, sessionWords, siteWords, suspensionWords } from "./mark_texts.js";

const ONE_SITE_CHANGE = 20 * 60_000;
/** What a mark of several shows is the gravest of them. */
const GRAVITY = ["malfunction", "alarm", "site", "suspension", "alert", "cgm_alert", "sensor"];

/** Shapes around 0, 0 within a circle of radius 1. */
export const SHAPES = {
  alarm: "M0-.95 1 .8H-1Z",
  malfunction: "M0-.95 1 .8H-1Z",
  alert: "M0-.95 1 .8H-1Z",
  cgm_alert: "M0-.9 .9 0 0 .9-.9 0Z",
  site: "M0-1C.5-.35.75 0 .75.3a.75.75 0 0 1-1.5 0C-.75 0-.5-.35 0-1Z",
  sensor: "M0-.85a.85.85 0 1 0 .01 0ZM0-.35a.35.35 0 1 1-.01 0Z",
  suspension: "M-.75-.8h.5v1.6h-.5ZM.25-.8h.5v1.6h-.5Z",
};

/**
 * Every mark of a span of time, in order of time.
 * @param {WholeDrawing} drawing
 * @param {Scale | null} units
 * @returns {Mark[]}
 */
export function marksOf(drawing, units) {
  return [
    ...laneMarks(drawing),
    ...(units ? bolusMarks(drawing, units) : []),
    ...activityMarks(drawing),
  ].sort((one, other) => one.at - other.at);
}

/**
 * @param {WholeDrawing} drawing
 * @returns {Mark[]}
 */
function laneMarks({ layout, view, x, records, locale, localize, shown }) {
  if (!layout.lane) return [];
  const one = (/** @type {number} */ at, /** @type {string} */ kind, /** @type {Words} */ words) => ({ at, kind, words });
  const found = [
    ...(shown.alarms ? records.alarms.map((alarm) => one(alarm.at, alarm.kind, alarmWords(locale, alarm, localize))) : []),
    ...(shown.sites ? siteChanges(records.fills).map((fills) => one(fills[0].at, "site", siteWords(locale, fills))) : []),
    ...(shown.sites
      ? records.sessions.filter(({ joined }) => !joined).map((session) => one(session.at, "sensor", sessionWords(locale, session)))
      : []),
    ...(shown.basal
      ? records.suspensions.map((suspension) => one(suspension.from, "suspension", suspensionWords(locale, suspension)))
      : []),
  ]
    .filter(({ at }) => at >= view.start && at <= view.end)
    .sort((one, other) => one.at - other.at);

  const radius = layout.font * 0.55;
  const y = (layout.lane.top + layout.lane.bottom) / 2;
  const groups = together(found, (before, after) => x(after.at) - x(before.at) < radius * 2.6);
  return groups.map((group) => {
    const gravest = group.toSorted((one, other) => GRAVITY.indexOf(one.kind) - GRAVITY.indexOf(other.kind))[0];
    const middle = (x(group[0].at) + x(group[group.length - 1].at)) / 2;
    const words = group.length === 1 ? gravest.words : severalWords(locale, group);
    return mark({
      id: `${gravest.kind}-${group[0].at}`,
      at: group[0].at,
      kind: gravest.kind,
      words,
      box: { left: middle - radius, right: middle + radius, top: y - radius, bottom: y + radius },
      children: [
        svg("path", {
          class: "shape",
          d: SHAPES[gravest.kind],
          transform: `translate(${fixed(middle)} ${fixed(y)}) scale(${fixed(radius)})`,
        }),
        group.length > 1
          ? svg("text", { x: fixed(middle + radius), y: fixed(y - radius * 0.4), class: "count" }, String(group.length))
          : null,
      ],
    });
  });
}

/**
 * @param {LaterLocale} locale
 * @param {{words: Words}[]} group
 */
const severalWords = (locale, group) => ({
  title: locale.say("several_marks", { n: group.length }),
  details: group.map(({ words }) => (words.details.length ? `${words.title} (${words.details.join(", ")})` : words.title)),
});

/**
 * @param {WholeDrawing} drawing
 * @param {Scale} units
 * @returns {Mark[]}
 */
function bolusMarks({ layout, view, x, records, locale }, units) {
  const half = layout.font * 0.5;
  const bottom = /** @type {Strip} */ (layout.carbs).bottom;
  return records.boluses
    .filter((bolus) => bolus.at >= view.start && bolus.at <= view.end)
    .map((bolus) => {
      const right = bolus.extended ? x(Math.min(bolus.extendedTo, view.end)) : x(bolus.at);
      return mark({
        id: `bolus-${bolus.at}`,
        at: bolus.at,
        kind: `bolus ${bolus.kind}`,
        words: bolusWords(locale, bolus),
        box: {
          left: x(bolus.at) - half,
          right: right + half,
          top: units(Math.max(bolus.now, bolus.extended)) - layout.font,
          bottom,
        },
      });
    });
}

/**
 * @param {WholeDrawing} drawing
 * @returns {Mark[]}
 */
function activityMarks({ layout, view, x, records, locale, shown }) {
  if (!shown.activities) return [];
  return records.activities
    .filter(({ from, to }) => from <= view.end && to >= view.start)
    .map((activity) =>
      mark({
        id: `${activity.mode}-${activity.from}`,
        at: activity.from,
        kind: "activity",
        words: activityWords(locale, activity),
        box: {
          left: x(Math.max(activity.from, view.start)),
          right: x(Math.min(activity.to, view.end)),
          top: layout.glucose.top,
          bottom: layout.glucose.top + layout.font * 1.7,
        },
      }),
    );
}

/**
 * @param {{id: string, at: number, kind: string, words: Words, box: Box,
 *   children?: (SVGElement | null)[]}} mark
 * @returns {Mark}
 */
function mark({ children = [], ...mark }) {
  const { left, right, top, bottom } = mark.box;
  const element = svg(
    "g",
    { class: `mark ${mark.kind}`, role: "button", tabindex: -1, "aria-label": sentence(mark.words), "data-id": mark.id },
    svg("rect", {
      class: "hit",
      x: fixed(left - 3),
      width: fixed(right - left + 6),
      y: fixed(top - 3),
      height: fixed(bottom - top + 6),
      rx: 4,
    }),
    ...children,
  );
  return { ...mark, element };
}

/**
 * Cartridge, tubing and cannula filled one after the other are one mark.
 * @param {Fill[]} fills
 */
const siteChanges = (fills) => together(fills, (before, after) => after.at - before.at <= ONE_SITE_CHANGE);

/**
 * Split a list wherever two neighbours do not belong together.
 * @template T
 * @param {T[]} list
 * @param {(before: T, after: T) => boolean} belong
 * @returns {T[][]}
 */
function together(list, belong) {
  /** @type {T[][]} */
  const groups = [];
  for (const item of list) {
    const group = groups[groups.length - 1];
    if (group && belong(group[group.length - 1], item)) group.push(item);
    else groups.push([item]);
  }
  return groups;
}
