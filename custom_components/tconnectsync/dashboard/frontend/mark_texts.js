// What each thing that happened is in words: a title and some details.

import { arrow, meaning } from "./alarm_and_trend_names.js";

/** @type {Record<string, string>} */
const SENSORS = { dexcom_g6: "Dexcom G6", dexcom_g7: "Dexcom G7", libre_2: "FreeStyle Libre 2", libre_3: "FreeStyle Libre 3" };
/** What fills are called of which none is a site change: by the first of these that is among them. */
const FILLS = ["cartridge", "tubing", "cannula"];

/**
 * @param {LaterLocale} locale
 * @param {Bolus} bolus
 * @returns {Words}
 */
export function bolusWords(locale, bolus) {
  const parts = [];
  if (bolus.carbs === null) parts.push(locale.say("carbs_not_known"));
  else if (bolus.carbs) parts.push(locale.carbs(bolus.carbs));
  if (bolus.deliveryUnknown) {
    parts.push(locale.say("delivery_not_known", { units: locale.units(bolus.asked) }));
  } else if (bolus.inProgress) {
    parts.push(locale.say("in_progress", { units: locale.units(bolus.asked) }));
  } else if (bolus.endMissing) {
    parts.push(locale.say("end_missing"));
  } else if (bolus.asked - bolus.units >= 0.05) {
    parts.push(locale.say("not_completed", { units: locale.units(bolus.asked) }));
  }
  if (bolus.extended) {
    const duration = locale.duration(bolus.extendedTo - bolus.extendedFrom);
    if (bolus.now) parts.push(locale.say("part_now", { units: locale.units(bolus.now) }));
    parts.push(locale.say("part_extended", { units: locale.units(bolus.extended), duration }));
  }
  if (bolus.food && bolus.correction) {
    parts.push(locale.say("part_food", { units: locale.units(bolus.food) }));
    parts.push(locale.say("part_correction", { units: locale.units(bolus.correction) }));
  }
  if (bolus.glucose) parts.push(locale.say("glucose_then", { glucose: locale.glucose(bolus.glucose) }));
  return {
    title: [locale.time(bolus.at), locale.say(`bolus_${bolus.kind}`), bolus.deliveryUnknown ? "?" : locale.units(bolus.units)].join(" "),
    details: parts,
  };
}

/**
 * @param {LaterLocale} locale
 * @param {Alarm} alarm
 * @param {(key: string) => string} localize Home Assistant's own
 * @returns {Words}
 */
export function alarmWords(locale, alarm, localize) {
  return {
    title: `${locale.time(alarm.at)} ${meaning(alarm, localize)}`,
    details: [
      locale.say(`kind_${alarm.kind}`),
      alarm.ended === null || alarm.endedBy === null
        ? locale.say("not_cleared")
        : locale.say(alarm.endedBy, { time: locale.timeOtherThan(alarm.ended, alarm.at) }),
    ],
  };
}

/**
 * @param {LaterLocale} locale
 * @param {Fill[]} fills one after the other
 * @returns {Words}
 */
export function siteWords(locale, fills) {
  const only = FILLS.find((kind) => fills.some((fill) => fill.kind === kind));
  const title = locale.say(fills.some(({ isSite }) => isSite) ? "site_change" : `only_${only}`);
  return {
    title: `${locale.time(fills[0].at)} ${title}`,
    details: fills.map(({ kind, units }) =>
      units === null
        ? locale.say(`fill_${kind}_only`)
        : locale.say(`fill_${kind}`, { units: locale.units(units) }),
    ),
  };
}

/**
 * @param {LaterLocale} locale
 * @param {Session} session
 * @returns {Words}
 */
export function sessionWords(locale, session) {
  const details = [];
  if (SENSORS[session.sensor]) details.push(SENSORS[session.sensor]);
  if (session.expires) {
    details.push(locale.say("sensor_expires", { time: locale.timeOtherThan(session.expires, session.at) }));
  }
  return { title: `${locale.time(session.at)} ${locale.say("sensor_start")}`, details };
}

/**
 * @param {LaterLocale} locale
 * @param {Suspension} suspension
 * @returns {Words}
 */
export function suspensionWords(locale, suspension) {
  const isOpen = suspension.running || suspension.endKnown;
  const details = isOpen ? spanDetails(locale, suspension) : [locale.say("end_missing")];
  if (suspension.reason) details.unshift(locale.say(`reason_${suspension.reason}`));
  return { title: `${locale.time(suspension.from)} ${locale.say("suspended")}`, details };
}

/**
 * @param {LaterLocale} locale
 * @param {Activity} activity
 * @returns {Words}
 */
export function activityWords(locale, activity) {
  return {
    title: `${locale.time(activity.from)} ${locale.say(`mode_${activity.mode}`)}`,
    details: spanDetails(locale, activity),
  };
}

/**
 * @param {LaterLocale} locale
 * @param {TimeSpan} span
 */
function spanDetails(locale, { from, to, running }) {
  if (running) return [locale.say("since", { time: locale.time(from) })];
  return [
    locale.say("until", { time: locale.timeOtherThan(to, from) }),
    locale.say("for_duration", { duration: locale.duration(to - from) }),
  ];
}

/**
 * What held at an instant.
 * @param {LaterLocale} locale
 * @param {number} at
 * @param {ReturnType<LaterRecords["when"]>} held
 * @returns {Words}
 */
export function momentWords(locale, at, { reading, onBoard, reported, segment, suspension, basalGap }) {
  const details = [];
  const onBoardWords = [
    ...(onBoard && onBoard.units !== null ? [`≈ ${locale.units(onBoard.units, 1)}`] : []),
    ...(reported ? [locale.say("pump_said", { units: locale.units(reported.units), time: locale.time(reported.at) })] : []),
  ];
  if (onBoardWords.length) details.push(`${locale.say("insulin_on_board")} ${onBoardWords.join(", ")}`);
  if (suspension) {
    details.push(locale.say("suspended"));
  } else if (basalGap) {
    details.push(locale.say("basal_not_known"));
  } else if (segment) {
    const notes = [];
    const source = `basal_source_${segment.source}`;
    if (segment.source !== "profile" && locale.texts[source]) notes.push(locale.say(source));
    if (segment.profile !== null && segment.profile !== segment.rate) {
      notes.push(locale.say("basal_profile", { rate: locale.rate(segment.profile) }));
    }
    const more = notes.length ? ` (${notes.join(", ")})` : "";
    details.push(`${locale.say("basal")} ${locale.rate(segment.rate)}${more}`);
  }
  return { title: `${locale.time(at)} ${readingWords(locale, reading)}`.trim(), details };
}

/**
 * @param {LaterLocale} locale
 * @param {Reading | null} reading
 */
export function readingWords(locale, reading) {
  if (!reading) return "";
  if (reading.isLive) return `${locale.say("live_glucose")} ${locale.glucose(reading.value)}`;
  if (reading.value !== null) return `${locale.glucose(reading.value)} ${arrow(reading.trend)}`.trim();
  if (reading.state === "low") return `${locale.say("low")} (${locale.say("below_sensor")})`;
  if (reading.state === "high") return `${locale.say("high")} (${locale.say("above_sensor")})`;
  return locale.say("no_reading");
}

/** @param {Words} words */
export const sentence = ({ title, details }) => [title, ...details].join(", ");
