// Fields that several forms have.

export const PUMP = { name: "device_id", selector: { device: { filter: { integration: "tconnectsync", manufacturer: "Tandem Diabetes Care" } } } };
export const LIVE_GLUCOSE = {
  name: "live_glucose",
  selector: { entity: { filter: { domain: "sensor", unit_of_measurement: ["mg/dL", "mmol/L"] } } },
};
