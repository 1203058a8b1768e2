// A whole dashboard, or a section of one, for every pump there is: nothing in it has to be replaced.

import { accountOf, accountsOf } from "./accounts.js";
import { entityOf } from "./entities.js";
import { loadFullTexts } from "./later_texts.js";
import { textsOf } from "./texts.js";

/** @type {Record<string, {icon: string, tiles: [string, string][]}>} kind and translation key of each */
const PARTS = {
  now: {
    icon: "mdi:water-pump",
    tiles: [
      ["sensor", "glucose"],
      ["sensor", "insulin_on_board_estimate"],
      ["sensor", "basal_rate"],
      ["sensor", "last_bolus"],
      ["binary_sensor", "closed_loop"],
      ["sensor", "activity_mode"],
      ["sensor", "last_event"],
    ],
  },
  today: {
    icon: "mdi:calendar-today",
    tiles: [
      ["sensor", "insulin_today"],
      ["sensor", "basal_today"],
      ["sensor", "bolus_today"],
      ["sensor", "carbs_today"],
    ],
  },
  figures: {
    icon: "mdi:calendar-week",
    tiles: [
      ["sensor", "time_in_range"],
      ["sensor", "time_below_range"],
      ["sensor", "time_above_range"],
      ["sensor", "average_glucose"],
      ["sensor", "gmi"],
      ["sensor", "glucose_cv"],
    ],
  },
  supplies: {
    icon: "mdi:medication",
    tiles: [
      ["sensor", "reservoir"],
      ["sensor", "battery"],
      ["sensor", "site_changed"],
      ["sensor", "cartridge_changed"],
      ["sensor", "cartridge_lasts_until"],
      ["sensor", "sensor_started"],
      ["sensor", "sensor_expires"],
      ["calendar", "calendar"],
    ],
  },
  alarms: {
    icon: "mdi:alarm-light-outline",
    tiles: [
      ["binary_sensor", "alarm"],
      ["binary_sensor", "alert"],
      ["binary_sensor", "suspended"],
      ["binary_sensor", "data_stale"],
      ["sensor", "last_alarm"],
      ["sensor", "last_alert"],
      ["sensor", "last_alarm_time"],
    ],
  },
};
const OWN_NAME = { type: "entity" };
const WITH_TREND = ["glucose"];
/** What has long names or says much: half of a section has no room for it. */
const LONG = ["glucose", "insulin_on_board_estimate", "cartridge_lasts_until", "last_alarm", "last_alert", "calendar"];
/** Of a calendar what comes next, not whether it is now. */
const CONTENT = { calendar: { state_content: ["message"] } };
/** What some sensors never tell: shown while it is known. */
const WHILE_KNOWN = ["sensor_expires"];
/** What only stands out while it is so. */
const WARNINGS = ["alarm", "suspended", "data_stale"];

/**
 * A dashboard with a view of each pump.
 * @param {any} _config
 * @param {Hass} hass
 */
export async function dashboard(_config, hass) {
  await loadFullTexts(hass.locale.language);
  const texts = textsOf(hass.locale.language);
  const only = (/** @type {string} */ content) => ({ title: texts.dashboard, views: [onlyWords(texts, content)] });
  let accounts;
  try {
    accounts = await accountsOf(hass);
  } catch (error) {
    return only(reason(error, texts));
  }
  if (!accounts.length) return only(texts.no_accounts);
  const views = accounts.map((account, index) => view(hass, account, texts, index, accounts.length));
  return { title: texts.dashboard, views: [...views, ...accounts.map((account, index) => report(account, texts, index, accounts.length))] };
}

/**
 * A section: the card and everything else, or one part of it.
 * @param {{device_id?: string, part?: string}} config
 * @param {Hass} hass
 */
export async function section({ device_id, part }, hass) {
  await loadFullTexts(hass.locale.language);
  const texts = textsOf(hass.locale.language);
  const only = (/** @type {string} */ content) => ({ type: "grid", cards: [words(content)] });
  let account;
  try {
    account = await accountOf(hass, device_id);
  } catch (error) {
    return only(reason(error, texts));
  }
  if (!account) return only(texts.account_not_found);
  const parts = part ? [part] : ["card", ...Object.keys(PARTS), "trends"];
  return { type: "grid", cards: parts.flatMap((one) => cardsOf(one, hass, account, texts)) };
}

/**
 * @param {Hass} hass
 * @param {import("./accounts.js").Account} account
 * @param {Record<string, string>} texts
 * @param {number} index
 * @param {number} count of all accounts; each of several is called by its name, not by the one icon
 */
function view(hass, account, texts, index, count) {
  const sections = [...Object.keys(PARTS), "trends"]
    .map((part) => ({ type: "grid", ...(part === "trends" ? { column_span: 2 } : {}), cards: cardsOf(part, hass, account, texts) }))
    .filter(({ cards }) => cards.length);
  sections[sections.length - 1].cards.push(...turnedOff(hass, account, texts));
  return {
    title: account.name,
    path: index ? `pump-${index + 1}` : "pump",
    ...(count === 1 ? { icon: "mdi:water-pump" } : {}),
    type: "sections",
    max_columns: 3,
    dense_section_placement: true,
    badges: [{ type: "custom:tconnectsync-badge", device_id: account.device_id }, ...warnings(hass, account)],
    sections: [{ type: "grid", column_span: 2, cards: cardsOf("card", hass, account, texts) }, ...sections],
  };
}

/**
 * @param {import("./accounts.js").Account} account
 * @param {Record<string, string>} texts
 * @param {number} index
 * @param {number} count of all accounts
 */
const report = ({ name, device_id }, texts, index, count) => ({
  title: texts.report_of.replace("{name}", name),
  path: index ? `report-${index + 1}` : "report",
  ...(count === 1 ? { icon: "mdi:file-chart-outline" } : {}),
  type: "sections",
  sections: [{ type: "grid", column_span: 4, cards: [{ type: "custom:tconnectsync-report-card", device_id }] }],
});

/**
 * @param {Record<string, string>} texts
 * @param {string} content
 */
const onlyWords = (texts, content) => ({
  title: texts.dashboard,
  path: "pump",
  type: "sections",
  sections: [{ type: "grid", cards: [words(content)] }],
});

/**
 * Why the accounts are not known.
 * @param {any} error
 * @param {Record<string, string>} texts
 */
function reason(error, texts) {
  if (error?.code === "unknown_command") return texts.not_set_up;
  return texts.failed.replace("{reason}", error?.error?.message ?? error?.message ?? String(error));
}

/** @param {string} content */
const words = (content) => ({ type: "markdown", content });

/**
 * The cards of a part, its heading first; none where nothing of it is there.
 * @param {string} part
 * @param {Hass} hass
 * @param {import("./accounts.js").Account} account
 * @param {Record<string, string>} texts
 */
function cardsOf(part, hass, account, texts) {
  const { device_id } = account;
  if (part === "card") {
    return [{ type: "custom:tconnectsync-card", device_id, grid_options: { columns: "full" } }];
  }
  const cards = part === "trends" ? trends(account, texts) : tiles(PARTS[part]?.tiles ?? [], hass, device_id);
  if (!cards.length) return [];
  const icon = part === "trends" ? "mdi:chart-line" : PARTS[part].icon;
  return [{ type: "heading", heading: texts[`section_${part}`], icon }, ...cards];
}

/**
 * What else a view shows once it is turned on, for those who can turn it on.
 * @param {any} hass
 * @param {import("./accounts.js").Account} account
 * @param {Record<string, string>} texts
 */
function turnedOff(hass, { device_id }, texts) {
  const wanted = Object.values(PARTS).flatMap(({ tiles }) => tiles);
  if (!hass.user?.is_admin || wanted.every(([domain, key]) => entityOf(hass, device_id, domain, key))) return [];
  const content = texts.turned_off.replace("{page}", `/config/devices/device/${device_id}`);
  return [{ ...words(content), text_only: true, grid_options: { columns: "full" } }];
}

/**
 * @param {[string, string][]} wanted
 * @param {Hass} hass
 * @param {string} device
 */
const tiles = (wanted, hass, device) =>
  wanted.flatMap(([domain, key]) => {
    const entity = entityOf(hass, device, domain, key);
    if (!entity) return [];
    const features = WITH_TREND.includes(key) ? { features: [{ type: "custom:tconnectsync-trend" }] } : {};
    const whole = LONG.includes(key) ? { grid_options: { columns: 12 } } : {};
    const known = { visibility: [{ condition: "state", entity, state_not: ["unknown", "unavailable"] }] };
    return [
      { type: "tile", entity, name: OWN_NAME, ...whole, ...features, ...CONTENT[key], ...(WHILE_KNOWN.includes(key) ? known : {}) },
    ];
  });

/**
 * Graphs of the long-term statistics, which lie at the hours in which things happened.
 * @param {import("./accounts.js").Account} account
 * @param {Record<string, string>} texts
 */
const trends = ({ statistics }, texts) => [
  {
    type: "statistics-graph",
    title: texts.glucose,
    entities: [`${statistics}_glucose`],
    stat_types: ["mean", "min", "max"],
    chart_type: "line",
    days_to_show: 7,
    period: "hour",
    hide_legend: true,
  },
  {
    type: "statistics-graph",
    title: texts.insulin,
    entities: [{ entity: `${statistics}_basal`, name: texts.basal }, { entity: `${statistics}_bolus`, name: texts.bolus }],
    stat_types: ["change"],
    chart_type: "bar",
    days_to_show: 14,
    period: "day",
  },
];

/**
 * @param {Hass} hass
 * @param {import("./accounts.js").Account} account
 */
const warnings = (hass, { device_id }) =>
  WARNINGS.flatMap((key) => {
    const entity = entityOf(hass, device_id, "binary_sensor", key);
    return entity
      ? [
          {
            type: "entity",
            entity,
            name: OWN_NAME,
            show_name: true,
            color: "red",
            visibility: [{ condition: "state", entity, state: "on" }],
          },
        ]
      : [];
  });
