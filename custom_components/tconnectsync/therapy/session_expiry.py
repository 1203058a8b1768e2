"""The lifetimes of sensors, their grace periods and transmitters."""

from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.enums import CgmType

TRANSMITTER_LASTS = timedelta(days=90)
GRACE = {CgmType.DEXCOM_G7: timedelta(hours=12)}
"""The grace period of a sensor after its session has expired (G7 user guide)."""


def session_expires(start: datetime | None, lasts: timedelta | None) -> datetime | None:
    """Return when a session expires, None where the pump did not report its duration, as for a G7."""
    return start + lasts if start and lasts else None


def grace_ends(cgm_type: CgmType, expires: datetime | None) -> datetime | None:
    """Return when the grace period of an expired session ends; None for sensors without one."""
    grace = GRACE.get(cgm_type)
    return expires + grace if expires and grace else None


def transmitter_expires(first_used: datetime | None) -> datetime | None:
    """Return when a transmitter expires."""
    return first_used + TRANSMITTER_LASTS if first_used else None
