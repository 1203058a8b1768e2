// The integration's entities, whatever they are called and in whichever language.

/** The id of a device's entity by its kind and translation key; undefined where it is not there or is turned off. */
export const entityOf = (hass, device, domain, key) =>
  Object.values(hass.entities ?? {}).find(
    (entity) =>
      entity.platform === "tconnectsync" &&
      entity.device_id === device &&
      entity.translation_key === key &&
      entity.entity_id.startsWith(`${domain}.`),
  )?.entity_id;

/** Have Home Assistant show everything of an entity. */
export const showMore = (from, entityId) =>
  from.dispatchEvent(new CustomEvent("hass-more-info", { detail: { entityId }, bubbles: true, composed: true }));
