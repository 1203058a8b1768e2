// The forms that edit a report or a badge.

import { LIVE_GLUCOSE, PUMP } from "./form_fields.js";
import { DAYS } from "./report_days.js";

/**
 * @typedef {{schema: any[], computeLabel: (field: {name: string}) => string,
 *   computeHelper: (field: {name: string}) => string | undefined}} Form as Home Assistant takes it
 */

/**
 * @param {Record<string, string>} texts
 * @returns {Form}
 */
export const badgeForm = (texts) => form(texts, [PUMP, LIVE_GLUCOSE]);

/**
 * @param {Record<string, string>} texts
 * @returns {Form}
 */
export function reportForm(texts) {
  const options = DAYS.map((days) => ({ value: String(days), label: texts.days.replace("{n}", String(days)) }));
  return form(texts, [PUMP, { name: "days", selector: { select: { mode: "list", options } } }]);
}

/**
 * @param {Record<string, string>} texts
 * @param {any[]} schema
 * @returns {Form}
 */
const form = (texts, schema) => ({
  schema,
  computeLabel: ({ name }) => texts[`editor_${name}`],
  computeHelper: ({ name }) => texts[`editor_${name}_help`],
});
