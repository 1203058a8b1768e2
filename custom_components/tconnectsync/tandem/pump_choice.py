"""The choice of the pump in use, among those of an account."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from operator import itemgetter

from custom_components.tconnectsync.instants import FAR_PAST

from .pump_epoch import PUMP_EPOCH
from .pumper import Pump, Pumper

PLACEHOLDER_AHEAD = timedelta(days=1)


def by_upload(pumps: Iterable[Pump]) -> list[Pump]:
    """Return pumps in the order of their last upload, those that never uploaded first."""
    return sorted(pumps, key=lambda pump: pump.last_upload or FAR_PAST)


def credible_newest_event(pump: Pump, now: datetime) -> datetime | None:
    """Return the newest event (pump's clock) that Tandem names for a pump, None for a placeholder; `now` is aware."""
    named = pump.newest_event
    is_credible = named is not None and PUMP_EPOCH <= named <= _latest(now)
    return named if is_credible else None


def _latest(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(tzinfo=None) + PLACEHOLDER_AHEAD


def choose_pump(
    pumper: Pumper, pinned_serial: str | None, now: datetime
) -> Pump | None:
    """Return the pinned pump, else the one with the newest event that is no placeholder.

    A pump whose clock is far ahead looks like a placeholder: it is chosen if it has uploaded
    last. None if the pinned pump is not listed, or no pump has uploaded yet; `now` is aware.
    """
    if pinned_serial is not None:
        pinned = (pump for pump in pumper.pumps if pump.serial_number == pinned_serial)
        return next(reversed(by_upload(pinned)), None)
    uploaded = [
        ((newest, pump.last_upload or FAR_PAST), pump)
        for pump in pumper.pumps
        if (newest := credible_newest_event(pump, now)) is not None
    ]
    chosen = max(uploaded, key=itemgetter(0))[1] if uploaded else None
    last_upload = (chosen and chosen.last_upload) or FAR_PAST
    ahead = [
        (pump.last_upload, pump)
        for pump in pumper.pumps
        if pump.newest_event is not None
        and pump.newest_event > _latest(now)
        and pump.last_upload is not None
        and last_upload < pump.last_upload <= now + PLACEHOLDER_AHEAD
    ]
    return max(ahead, key=itemgetter(0))[1] if ahead else chosen
