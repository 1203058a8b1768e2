// The texts that are not read first, in the language a person reads.

import { load } from "./load.js";
import { en } from "./later_texts/en.js";
import { loaded, loadTexts, readAs } from "./texts.js";

/** @type {Record<string, () => Promise<any>>} */
const LANGUAGES = {
  da: () => import("./later_texts/da.js"),
  de: () => import("./later_texts/de.js"),
  es: () => import("./later_texts/es.js"),
  fr: () => import("./later_texts/fr.js"),
  it: () => import("./later_texts/it.js"),
  nl: () => import("./later_texts/nl.js"),
  sv: () => import("./later_texts/sv.js"),
};
/** @type {Set<string>} */
const known = new Set(["en"]);

add("en", en);

/**
 * @param {string} name of a language
 * @param {Record<string, string>} texts
 */
function add(name, texts) {
  Object.assign((loaded[name] ??= {}), texts);
}

/**
 * Have every text of a language; where they cannot be got English serves.
 * @param {string} language
 */
export async function loadFullTexts(language) {
  await loadTexts(language);
  const name = readAs(language);
  if (known.has(name)) return;
  const found = await load(LANGUAGES[name]).catch(() => ({}));
  known.add(name);
  add(name, found[name] ?? {});
}
