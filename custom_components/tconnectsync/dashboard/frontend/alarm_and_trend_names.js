// What trends and alarms are called.

const SENSOR_OF_KIND = { alarm: "last_alarm", malfunction: "last_alarm", alert: "last_alert", cgm_alert: "last_cgm_alert" };
const TRENDS = {
  double_down: "↓↓",
  single_down: "↓",
  forty_five_down: "↘",
  flat: "→",
  forty_five_up: "↗",
  single_up: "↑",
  double_up: "↑↑",
};

export const arrow = (trend) => (trend ? TRENDS[trend] : "");

/** What an alarm means, in the person's language where the integration knows it. */
export function meaning({ kind, type, meaning }, localize) {
  if (type === "other" || type === "malfunction") return meaning;
  return localize(`component.tconnectsync.entity.sensor.${SENSOR_OF_KIND[kind]}.state.${type}`) || meaning;
}
