// What a new card is about before anything is chosen.

/**
 * The options of a new card: the first pump there is.
 * @param {Hass} hass
 */
export function stubConfig(hass) {
  const entity = Object.values(hass?.entities ?? {}).find(
    ({ platform, translation_key }) => platform === "tconnectsync" && translation_key === "last_event",
  );
  return entity?.device_id ? { device_id: entity.device_id } : {};
}
