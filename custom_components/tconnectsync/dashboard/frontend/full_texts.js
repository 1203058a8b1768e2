// The texts that are not read first, in the language a person reads.

import { load } from "./load.js";
import { en } from "./full_texts/en.js";
import { loaded, loadTexts, readAs } from "./texts.js";

/** @type {Record<string, () => Promise<any>>} */
const LANGUAGES = {
  da: () => import("./full_texts/da.js"),
  de: () => import("./full_texts/de.js"),
  es: () => import("./full_texts/es.js"),
  fr: () => import("./full_texts/fr.js"),
  it: () => import("./full_texts/it.js"),
  nl: () => import("./full_texts/nl.js"),
  sv: () => import("./full_texts/sv.js"),
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
