// Which language's texts a person reads.

import { da } from "./texts/da.js";
import { de } from "./texts/de.js";
import { en } from "./texts/en.js";
import { es } from "./texts/es.js";
import { fr } from "./texts/fr.js";
import { it } from "./texts/it.js";
import { nl } from "./texts/nl.js";
import { sv } from "./texts/sv.js";

/** @type {Record<string, Partial<typeof en>>} */
const LANGUAGES = { da, de, en, es, fr, it, nl, sv };

/**
 * The texts of a language, or of the one it is a kind of; English where a text is missing.
 * @param {string} language such as de or de-CH
 * @returns {Record<string, string>}
 */
export function textsOf(language) {
  const own = LANGUAGES[language] ?? LANGUAGES[language.split("-")[0]];
  return { ...en, ...own };
}
