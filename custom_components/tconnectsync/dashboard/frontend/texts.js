// The texts in a person's language; English is always there, others are loaded.

import { load } from "./load.js";
import { en } from "./texts/en.js";

const LANGUAGES = {
  da: () => import("./texts/da.js"),
  de: () => import("./texts/de.js"),
  es: () => import("./texts/es.js"),
  fr: () => import("./texts/fr.js"),
  it: () => import("./texts/it.js"),
  nl: () => import("./texts/nl.js"),
  sv: () => import("./texts/sv.js"),
};
export const loaded = { en };

/**
 * The language whose texts are read: it, or the one it is a kind of, or else English.
 * @param language such as de or de-CH
 */
export const readAs = (language) => [language, language.split("-")[0]].find((one) => one in LANGUAGES) ?? "en";

export const hasTexts = (language) => readAs(language) in loaded;

/** Have the texts that are read first; where they cannot be got English serves. */
export async function loadTexts(language) {
  const name = readAs(language);
  if (name in loaded) return;
  const found = await load(LANGUAGES[name]).catch(() => ({}));
  loaded[name] ??= found[name] ?? {};
}

/** The texts that were loaded, English where one is missing. */
export const textsOf = (language) => ({ ...loaded.en, ...loaded[readAs(language)] });
