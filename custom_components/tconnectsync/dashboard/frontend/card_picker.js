// What Home Assistant offers of this: cards, in the language of the page, and what stands beside them.

import { load } from "./load.js";
import { loadFullTexts } from "./later_texts.js";
import { stubConfig } from "./stub_config.js";
import { textsOf } from "./texts.js";

/**
 * Have Home Assistant offer what there is.
 * @param {string} card
 * @param {string} compactCard
 */
export async function offer(card, compactCard) {
  const language = document.documentElement.lang || "en";
  const [{ defineOtherElements }] = await Promise.all([load(() => import("./other_elements.js")), loadFullTexts(language)]);
  const texts = textsOf(language);
  Object.assign(/** @type {object} */ (customElements.get(card)), { getConfigElement, getStubConfig: stubConfig });
  const page = /** @type {any} */ (window);
  page.customCards ??= [];
  page.customCards.push(
    { type: card, name: texts.name, description: texts.description, preview: true, getEntitySuggestion: suggestion },
    { type: compactCard, name: texts.compact, description: texts.compact_description, preview: true },
  );
  defineOtherElements(texts);
}

/** The form that edits a card; the compact card, which is a card, has it too. */
async function getConfigElement() {
  const { EDITOR } = await load(() => import("./editor.js"));
  return document.createElement(EDITOR);
}

/**
 * What to suggest for one of the pump's sensors.
 * @param {Hass} hass
 * @param {string} entityId
 */
export function suggestion(hass, entityId) {
  const entity = hass.entities?.[entityId];
  if (entity?.platform !== "tconnectsync" || !entityId.startsWith("sensor.")) return null;
  return { config: { type: "custom:tconnectsync-card", device_id: entity.device_id } };
}
