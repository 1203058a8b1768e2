"""How long insulin acts."""

from datetime import timedelta

from custom_components.tconnectsync.instants import MINUTE
from custom_components.tconnectsync.tandem.settings import PumpSettings

LONGEST_DURATION = 480
"""Minutes that a pump lets insulin act at most."""


def insulin_duration(settings: PumpSettings | None) -> int | None:
    """Return how long insulin acts by the active profile (min), None where no profile tells."""
    profile = settings.active_profile if settings else None
    return profile.insulin_duration if profile else None


def may_act_for(duration: float | None) -> timedelta:
    """Return how long insulin may act: for a duration (min), as long as a pump allows where it is not known."""
    return (duration or LONGEST_DURATION) * MINUTE
