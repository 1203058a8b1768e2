"""The kinds of data that can be written to Nightscout, by tconnectsync's names."""

from enum import StrEnum


class Feature(StrEnum):
    """A kind of data that the user turns on or off."""

    BASAL = "basal"
    BOLUS = "bolus"
    PUMP_EVENTS = "pump_events"
    PROFILES = "profiles"
    CGM = "cgm"
    CGM_ALERTS = "cgm_alerts"
    DEVICE_STATUS = "device_status"


CONTEXT_DAYS = {Feature.DEVICE_STATUS: 7}
"""How many days before a day its documents can depend on, where more than one."""


def context_days(*features: Feature) -> int:
    """Return how many days before a day its documents of these features can depend on."""
    return max([1, *(CONTEXT_DAYS.get(feature, 1) for feature in features)])


DEFAULT_FEATURES = (
    Feature.BASAL,
    Feature.BOLUS,
    Feature.PUMP_EVENTS,
    Feature.PROFILES,
)
