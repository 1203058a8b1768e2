"""The pump in use while Tandem's answers leave it out."""

from datetime import timedelta

from custom_components.tconnectsync.instants import FAR_PAST, is_over
from custom_components.tconnectsync.tandem import Pump, Pumper, credible_newest_event
from homeassistant.util import dt as dt_util

KEPT_FOR = timedelta(hours=6)
"""A pump that was left out for longer was probably removed from the account."""


class LeftOutPump:
    """Decides how long the pump in use is kept that answers leave out; a restart begins this time again."""

    def __init__(self) -> None:
        """Begin with no pump left out."""
        self.serial_number: str | None = None
        """The pump that the last answer left out, None where it listed the pump in use."""
        self._kept_until = FAR_PAST

    def to_keep(self, in_use: Pump | None, listed: Pumper) -> Pump | None:
        """Return the pump that was in use until this answer, None if it is listed or was left out for too long."""
        numbers = {pump.serial_number for pump in listed.pumps}
        if in_use is None or in_use.serial_number in numbers:
            self.serial_number = None
            return None
        now = dt_util.utcnow()
        if in_use.serial_number != self.serial_number:
            self.serial_number = in_use.serial_number
            self._kept_until = now + KEPT_FOR
        return None if is_over(self._kept_until, now, KEPT_FOR) else in_use


def has_later_upload(listed: Pumper, pump: Pump) -> bool:
    """Return whether a listed pump with a credible newest event uploaded after another pump.

    The times of uploads are UTC, while a clock that is ahead makes a pump's newest event look newer.
    """
    since, now = pump.last_upload or FAR_PAST, dt_util.utcnow()
    return any(
        other.last_upload is not None
        and other.last_upload > since
        and credible_newest_event(other, now) is not None
        for other in listed.pumps
    )
