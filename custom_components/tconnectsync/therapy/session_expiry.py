"""How long sensors, their grace periods and transmitters last."""

from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.enums import CgmType

TRANSMITTER_LASTS = timedelta(days=90)
GRACE = {CgmType.DEXCOM_G7: timedelta(hours=12)}
"""How long a sensor goes on after its session has expired (G7 user guide)."""


def session_expires(start: datetime | None, lasts: timedelta | None) -> datetime | None:
    """Return when a session is over: it lasts as long as the pump said when it began, which a G7 does not."""
    return start + lasts if start and lasts else None


def grace_ends(cgm_type: CgmType, expires: datetime | None) -> datetime | None:
    """Return until when a sensor goes on after its session has expired; None for those that do not."""
    grace = GRACE.get(cgm_type)
    return expires + grace if expires and grace else None


def transmitter_expires(first_used: datetime | None) -> datetime | None:
    """Return when a transmitter is used up."""
    return first_used + TRANSMITTER_LASTS if first_used else None
