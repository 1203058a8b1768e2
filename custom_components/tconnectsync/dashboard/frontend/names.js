// What trends and alarms are called.

/** @type {Record<string, string>} */
const SENSOR_OF_KIND = {
  alarm: "last_alarm",
  malfunction: "last_alarm",
  alert: "last_alert",
  cgm_alert: "last_cgm_alert",
};
/** @type {Record<string, string>} */
const TRENDS = {
  double_down: "↓↓",
  single_down: "↓",
  forty_five_down: "↘",
  flat: "→",
  forty_five_up: "↗",
  single_up: "↑",
  double_up: "↑↑",
};

/** @param {string | null} trend */
export const arrow = (trend) => (trend ? TRENDS[trend] : "");

/**
 * What an alarm means, in the person's language where the integration knows it.
 * @param {{kind: string, type: string, meaning: string}} alarm
 * @param {(key: string) => string} localize
 */
export function meaning({ kind, type, meaning }, localize) {
  if (type === "other" || type === "malfunction") return meaning;
  const sensor = SENSOR_OF_KIND[kind];
  return localize(`component.tconnectsync.entity.sensor.${sensor}.state.${type}`) || meaning;
}
