"""Starts and ends of sensor sessions, timed by the sensors' clocks, and the steps between."""

from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.checked_fields import Properties
from custom_components.tconnectsync.tandem.enums import CgmType
from custom_components.tconnectsync.tandem.event_types import (
    CgmSessionStarted,
    CgmSessionStep,
    CgmSessionStopped,
    PumpEvent,
)
from custom_components.tconnectsync.tandem.pump_epoch import PUMP_EPOCH

from .header import Decoder, Header

LONGEST_DAYS = 90
LONGEST_SECONDS = LONGEST_DAYS * 86400
LAST_REASON = 254
UNIX_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the pump's clock has no zone
FIRST_YEAR = 2015
"""No sensor worked with these pumps before this year."""


def _dexcom_g6_started(fields: Properties, header: Header) -> PumpEvent:
    return CgmSessionStarted(
        **header,
        joined=header["code"] == 213,
        session_start=_transmitter_time(fields, header, "sessionStartTime"),
        lasts=_lasts(fields),
        transmitter_start=_ago(header, fields.seconds("currentTransmitterTime")),
    )


def _dexcom_g7_joined(fields: Properties, header: Header) -> PumpEvent:
    return CgmSessionStarted(
        **header,
        joined=True,
        session_start=_ago(header, fields.seconds("cgmTimestamp")),
        lasts=None,
        transmitter_start=None,
    )


def _libre_started(fields: Properties, header: Header) -> PumpEvent:
    return CgmSessionStarted(
        **header,
        joined=header["code"] != 404,
        session_start=_pump_clock(fields, header, "sessionStartTime"),
        lasts=_lasts(fields),
        transmitter_start=None,
    )


def _dexcom_g6_stopped(fields: Properties, header: Header) -> PumpEvent:
    return CgmSessionStopped(
        **header,
        session_start=_transmitter_time(fields, header, "sessionStartTime"),
        session_stop=_dexcom_stop(fields, header),
        lasts=_lasts(fields),
        reason=fields.optional_integer("sessionStopReason", 0, LAST_REASON),
        transmitter_start=_ago(header, fields.seconds("currentTransmitterTime")),
    )


def _dexcom_g7_stopped(fields: Properties, header: Header) -> PumpEvent:
    """Read 447; the sensor is its own transmitter, so its clock shows how long it was in use."""
    return CgmSessionStopped(
        **header,
        session_start=_transmitter_time(fields, header, "sessionStartTime")
        or _ago(header, fields.seconds("currentTransmitterTime")),
        session_stop=_dexcom_stop(fields, header),
        lasts=_lasts(fields),
        reason=fields.optional_integer("sessionStopReason", 0, LAST_REASON),
        transmitter_start=None,
    )


def _libre_stopped(fields: Properties, header: Header) -> PumpEvent:
    return CgmSessionStopped(
        **header,
        session_start=_pump_clock(fields, header, "sessionStartTime"),
        session_stop=_pump_clock(fields, header, "sessionStopTime"),
        lasts=_lasts(fields),
        reason=fields.optional_integer("sessionStopReason", 0, LAST_REASON),
        transmitter_start=None,
    )


def _step(fields: Properties, header: Header) -> PumpEvent:
    return CgmSessionStep(
        **header, cgm_type=fields.optional_enum("sensorType", CgmType)
    )


def _lasts(fields: Properties) -> timedelta | None:
    """Return the nominal length of the session, which Libre 3 reports to the second."""
    if seconds := fields.optional_integer("sessionDurationSecs", 1, LONGEST_SECONDS):
        return timedelta(seconds=seconds)
    days = fields.optional_integer("sessionDuration", 1, LONGEST_DAYS)
    return timedelta(days=days) if days else None


def _transmitter_time(fields: Properties, header: Header, key: str) -> datetime | None:
    """Convert a time of the transmitter's clock, which starts at its first use, to the pump's."""
    now, then = fields.seconds("currentTransmitterTime"), fields.seconds(key)
    return None if now is None or then is None else _ago(header, now - then)


def _dexcom_stop(fields: Properties, header: Header) -> datetime | None:
    """Return when a session ended; 0 means that it is not reported."""
    if not fields.seconds("sessionStopTime"):
        return None
    return _transmitter_time(fields, header, "sessionStopTime")


def _pump_clock(fields: Properties, header: Header, key: str) -> datetime | None:
    """Return a time of the pump's clock: Libre 2 counts from 2008, Libre 3 from 1970.

    No count is plausible from both years, which are further apart than such sensors are old.
    """
    seconds = fields.seconds(key)
    if not seconds:
        return None
    from_2008 = _plausible(header, PUMP_EPOCH + timedelta(seconds=seconds))
    return from_2008 or _plausible(header, UNIX_EPOCH + timedelta(seconds=seconds))


def _ago(header: Header, seconds: int | None) -> datetime | None:
    if seconds is None:
        return None
    return _plausible(header, header["pump_time"] - timedelta(seconds=seconds))


def _plausible(header: Header, wall: datetime | None) -> datetime | None:
    """Return a time, None where it is after its own event or before there were such sensors."""
    if wall is None or wall.year < FIRST_YEAR or wall > header["pump_time"]:
        return None
    return wall


DECODERS: dict[int, Decoder] = {
    212: _dexcom_g6_started,
    213: _dexcom_g6_started,
    214: _dexcom_g6_stopped,
    367: _step,
    368: _step,
    390: _step,
    394: _dexcom_g7_joined,
    395: _step,
    404: _libre_started,
    405: _libre_stopped,
    406: _libre_started,
    441: _step,
    443: _step,
    447: _dexcom_g7_stopped,
    477: _libre_started,
    486: _libre_stopped,
}
