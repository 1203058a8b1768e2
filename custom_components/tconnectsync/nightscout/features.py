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


CONTEXT_DAYS = {Feature.DEVICE_STATUS: 7}
"""How many days a day's documents look back at most, where it is more than the day before."""


def context_days(*features: Feature) -> int:
    """Return how many days before a day have to be known for its documents of these features."""
    return max([1, *(CONTEXT_DAYS.get(feature, 1) for feature in features)])


DEFAULT_FEATURES = (
    Feature.BASAL,
    Feature.BOLUS,
    Feature.PUMP_EVENTS,
    Feature.PROFILES,
)
