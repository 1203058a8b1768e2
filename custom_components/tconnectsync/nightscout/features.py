"""What can be chosen to be written to Nightscout, named as tconnectsync names it."""

from enum import StrEnum


class Feature(StrEnum):
    """One kind of data that is written or not."""

    BASAL = "basal"
    BOLUS = "bolus"
    PUMP_EVENTS = "pump_events"
    PROFILES = "profiles"
    CGM = "cgm"
    CGM_ALERTS = "cgm_alerts"
    DEVICE_STATUS = "device_status"


DEFAULT_FEATURES = (
    Feature.BASAL,
    Feature.BOLUS,
    Feature.PUMP_EVENTS,
    Feature.PROFILES,
)
