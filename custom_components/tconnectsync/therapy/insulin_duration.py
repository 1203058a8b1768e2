"""The duration of insulin action."""

from datetime import timedelta

from custom_components.tconnectsync.instants import MINUTE
from custom_components.tconnectsync.tandem.settings import PumpSettings

LONGEST_DURATION = 480
"""Minutes; the longest duration that can be set on a pump."""


def insulin_duration(settings: PumpSettings | None) -> int | None:
    """Return the insulin duration of the active profile (min), None without an active profile."""
    profile = settings.active_profile if settings else None
    return profile.insulin_duration if profile else None


def may_act_for(duration: float | None) -> timedelta:
    """Return how long insulin may act: a duration (min), or the longest possible one where it is unknown."""
    return (duration or LONGEST_DURATION) * MINUTE
