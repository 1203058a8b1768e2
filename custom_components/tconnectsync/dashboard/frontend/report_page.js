// The page of a report: every figure with its unit and goal, and the pictures.

import { VERY_HIGH, VERY_LOW } from "./glucose_bands.js";
import { dayPicture, lowsPicture, profilePicture } from "./report_pictures.js";
import { MINUTE } from "./units.js";

const DAY_MINUTES = 1440;
const BANDS = ["very_high", "high", "in_range", "low", "very_low"];
/** Of the consensus of 2019, for a range of 70 to 180 mg/dL. */
const GOALS = { very_high: "< 5 %", in_range: "> 70 %", very_low: "< 1 %" };
/** Of a band together with the one beyond it. */
const GOALS_OF_BOTH = { high: ["very_high", "< 25 %"], low: ["very_low", "< 4 %"] };
/** From so much of a day on of which nobody knows what flowed, its insulin and carbs are not summed up. */
const NOT_KNOWN_MINUTES = 60;
const CV_GOAL = "≤ 36 %";
const KINDS = ["meal", "correction", "extended", "automatic"];

/**
 * @param {any} answer
 * @param {LaterLocale} locale with the report's texts
 * @param {string} name of whose report it is
 * @param {number} width of the page in pixels
 */
export function reportPage({ report }, locale, name, width) {
  const { glucose, insulin } = report;
  const consensus = report.low_mg_dl === 70 && report.high_mg_dl === 180;
  return element(
    "article",
    {},
    element("h2", {}, locale.say("title")),
    element("p", { class: "soft" }, [name, period(report, locale), locale.say("n_days", { n: report.days_of_report })].filter(Boolean).join(" · ")),
    report.clock_doubtful ? note(locale.say("clock_doubtful")) : null,
    glucose && !glucose.sufficient ? note(locale.say("not_enough", { percent: locale.number(glucose.usage_percent, 0) })) : null,
    insulin && !insulin.sufficient ? note(locale.say("known_part", { percent: locale.number(insulin.known_percent, 0) })) : null,
    element("section", { class: "pair" }, bands(report, locale, consensus), figures(glucose, locale, consensus)),
    part(locale, "profile", "profile_note", profilePicture(report, locale, width)),
    part(locale, "lows", "lows_note", lowsPicture(report, locale, width)),
    element("section", { class: "pair" }, delivery(insulin, locale), element("div", {}, boluses(report, locale), changes(report, locale))),
    daily(report, locale),
    element("p", { class: "soft footnote" }, locale.say("footnote")),
  );
}

/**
 * @param {any} report
 * @param {LaterLocale} locale
 * @param {boolean} consensus
 */
function bands({ glucose, low_mg_dl: low, high_mg_dl: high }, locale, consensus) {
  const shares = glucose ?? {};
  const share = (/** @type {string} */ band) => shares[`${band}_percent`] ?? null;
  const limits = limitsOf(low, high, locale);
  const rows = BANDS.map((band) => {
    const value = share(band);
    const minutes = value === null ? "" : locale.say("minutes_a_day", { duration: locale.duration(((value * DAY_MINUTES) / 100) * MINUTE) });
    const goal = consensus ? goalOf(band, share, locale) : "";
    const label = element("span", { class: "band" }, element("i", { class: band }), locale.say(`band_${band}`));
    return row(element("span", {}, label, element("small", {}, limits[band])), [percent(value, locale, 1), minutes], goal);
  });
  const stack = BANDS.map((band) => element("div", { class: band, style: `flex: ${share(band) ?? 0} 0 0` }));
  return element("div", { class: "bands" }, element("div", { class: "stack" }, ...stack), element("table", {}, ...rows));
}

/**
 * From where to where each band reaches, as far as it is shown.
 * @param {number} low
 * @param {number} high
 * @param {LaterLocale} locale
 * @returns {Record<string, string>}
 */
function limitsOf(low, high, locale) {
  const step = locale.inMmol ? locale.glucoseOne / 10 : 1;
  const span = (/** @type {number} */ from, /** @type {number} */ to) => (from <= to ? `${locale.glucoseNumber(from)} – ${locale.glucose(to)}` : "");
  return {
    very_high: `> ${locale.glucose(Math.max(VERY_HIGH, high))}`,
    high: span(high + step, VERY_HIGH),
    in_range: span(low, high),
    low: span(VERY_LOW, low - step),
    very_low: `< ${locale.glucose(Math.min(VERY_LOW, low))}`,
  };
}

/**
 * @param {string} band
 * @param {(band: string) => number | null} share
 * @param {LaterLocale} locale
 */
function goalOf(band, share, locale) {
  const goal = /** @type {Record<string, string>} */ (GOALS)[band];
  if (goal) return locale.say("goal", { goal });
  const [beyond, ofBoth] = /** @type {Record<string, string[]>} */ (GOALS_OF_BOTH)[band];
  const [one, other] = [share(band), share(beyond)];
  if (one === null || other === null) return "";
  return locale.say("goal_of_both", { percent: percent(one + other, locale, 1), goal: ofBoth });
}

/**
 * @param {any} glucose
 * @param {LaterLocale} locale
 * @param {boolean} consensus
 */
function figures(glucose, locale, consensus) {
  const known = (/** @type {string} */ key, /** @type {(value: number) => string} */ words) => (glucose ? words(glucose[key]) : unknown(locale));
  return element(
    "table",
    {},
    row(locale.say("mean"), [known("average_mg_dl", (value) => locale.glucose(value))]),
    row(locale.say("gmi"), [known("gmi_percent", (value) => percent(value, locale, 1))]),
    row(locale.say("cv"), [known("cv_percent", (value) => percent(value, locale, 1))], consensus ? locale.say("goal", { goal: CV_GOAL }) : ""),
    row(locale.say("deviation"), [known("standard_deviation_mg_dl", (value) => locale.glucose(value))]),
    row(locale.say("usage"), [known("usage_percent", (value) => percent(value, locale, 0))], locale.say("goal", { goal: "> 70 %" })),
    row(locale.say("low_events"), [known("low_events", (value) => locale.number(value, 0))]),
  );
}

/**
 * @param {any} insulin
 * @param {LaterLocale} locale
 */
function delivery(insulin, locale) {
  const known = (/** @type {string} */ key, /** @type {(value: number) => string} */ words) => {
    const value = insulin?.[key] ?? null;
    return value === null ? unknown(locale) : words(value);
  };
  const share = (/** @type {number} */ value) => percent(value, locale, 0);
  const units = (/** @type {number} */ value) => locale.units(value, 1);
  return element(
    "div",
    {},
    element("h3", {}, locale.say("delivery")),
    element(
      "table",
      {},
      row(locale.say("insulin_a_day"), [known("insulin_units_per_day", units)]),
      row(locale.say("basal_share"), [known("basal_share_percent", share)]),
      row(locale.say("automatic_a_day"), [known("automatic_corrections_units_per_day", units)]),
      row(locale.say("carbs_a_day"), [known("carbs_grams_per_day", (value) => locale.carbs(value))]),
      row(locale.say("control_iq"), [known("control_iq_percent", share)]),
      row(locale.say("sleep"), [known("sleep_percent", share)]),
      row(locale.say("exercise"), [known("exercise_percent", share)]),
    ),
  );
}

/**
 * @param {any} report
 * @param {LaterLocale} locale
 */
function boluses(report, locale) {
  const rows = KINDS.map((kind) => {
    const { count, insulin_units: units } = report.boluses[kind];
    return row(locale.say(`kind_${kind}`), [count === null ? "" : `${locale.number(count, 0)} ×`, units === null ? unknown(locale) : locale.units(units, 1)]);
  });
  return element("div", {}, element("h3", {}, locale.say("boluses")), element("table", {}, ...rows));
}

/**
 * @param {any} report
 * @param {LaterLocale} locale
 */
function changes(report, locale) {
  const often = (/** @type {string[]} */ times) => {
    if (times.length < 2) return locale.number(times.length, 0);
    const apart = (Date.parse(times[times.length - 1]) - Date.parse(times[0])) / (times.length - 1) / MINUTE / DAY_MINUTES;
    return locale.say("every_days", { n: times.length, days: locale.number(apart, 1) });
  };
  return element(
    "div",
    { class: "below" },
    element("h3", {}, locale.say("changes")),
    element("table", {}, row(locale.say("sites"), [often(report.site_changes)]), row(locale.say("cartridges"), [often(report.cartridge_changes)])),
  );
}

/**
 * @param {any} report
 * @param {LaterLocale} locale
 */
function daily(report, locale) {
  const days = report.days.map((/** @type {any} */ day) => {
    const insulin = day.basal_units === null || day.bolus_units === null ? null : day.basal_units + day.bolus_units;
    const glucose = [day.average_mg_dl === null ? "–" : locale.glucoseNumber(day.average_mg_dl), percent(day.in_range_percent, locale, 0)];
    const isKnown = day.not_known_minutes < NOT_KNOWN_MINUTES;
    const given = [
      isKnown && insulin !== null ? locale.units(insulin, 1) : "–",
      isKnown && day.carbs_grams !== null ? locale.carbs(day.carbs_grams) : "–",
    ];
    const sums = [glucose, given].map((values) => element("span", {}, values.join(" · ")));
    return element("div", { class: "day" }, element("b", {}, dayName(day.day, locale)), dayPicture(day, report, locale), element("div", { class: "sums" }, ...sums));
  });
  return element(
    "section",
    { class: "breaks" },
    heading(locale.say("daily"), locale.say("day_note")),
    element("div", { class: "days" }, ...days),
  );
}

/**
 * @param {any} report
 * @param {LaterLocale} locale
 */
function period(report, locale) {
  const start = report.days[0].day;
  const end = report.days[report.days.length - 1].day;
  const format = new Intl.DateTimeFormat(locale.language, { dateStyle: "medium", timeZone: "UTC" });
  return `${format.format(Date.parse(start))} – ${format.format(Date.parse(end))}, ${locale.time(Date.parse(report.end))}`;
}

/**
 * @param {string} day such as 2026-11-20
 * @param {LaterLocale} locale
 */
const dayName = (day, locale) =>
  new Intl.DateTimeFormat(locale.language, { weekday: "short", day: "numeric", month: "numeric", timeZone: "UTC" }).format(Date.parse(day));

/**
 * @param {LaterLocale} locale
 * @param {string} title
 * @param {string} words
 * @param {Element} picture
 */
const part = (locale, title, words, picture) =>
  element("section", {}, heading(locale.say(title), locale.say(words)), picture);

/**
 * @param {string} title
 * @param {string} words that say how to read what follows
 */
const heading = (title, words) => element("h3", {}, title, element("small", {}, words));

/** @param {string} words */
const note = (words) => element("p", { class: "note" }, words);

/** @param {LaterLocale} locale */
const unknown = (locale) => locale.say("not_known");

/**
 * @param {number | null} value
 * @param {LaterLocale} locale
 * @param {number} digits
 */
const percent = (value, locale, digits) => (value === null ? "–" : `${locale.number(value, digits, digits)} %`);

/**
 * @param {string | Element} name
 * @param {string[]} values
 * @param {string} goal
 */
function row(name, values, goal = "") {
  const words = values.filter(Boolean).join(" · ");
  return element("tr", {}, element("td", {}, name), element("td", {}, words, goal ? element("small", {}, goal) : null));
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {(string | Element | null)[]} children
 */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}
