// The report's own texts: they are loaded with it, in the language a person reads.

import { load } from "./load.js";
import { en } from "./report_texts/en.js";

/** @type {Record<string, () => Promise<any>>} */
const LANGUAGES = {
  da: () => import("./report_texts/da.js"),
  de: () => import("./report_texts/de.js"),
  es: () => import("./report_texts/es.js"),
  fr: () => import("./report_texts/fr.js"),
  it: () => import("./report_texts/it.js"),
  nl: () => import("./report_texts/nl.js"),
  sv: () => import("./report_texts/sv.js"),
};

/**
 * The texts of a language, or of the one it is a kind of; English where they cannot be got.
 * @param {string} language such as de or de-CH
 * @returns {Promise<Record<string, string>>}
 */
export async function reportTexts(language) {
  const name = [language, language.split("-")[0]].find((one) => one in LANGUAGES);
  const found = name ? await load(LANGUAGES[name]).catch(() => ({})) : {};
  return { ...en, ...found[name ?? "en"] };
}
