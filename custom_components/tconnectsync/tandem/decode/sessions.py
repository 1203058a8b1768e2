"""Sensor sessions starting and ending, told on the sensors' clocks."""

from datetime import datetime, timedelta

from custom_components.tconnectsync.tandem.event_fields import Properties
from custom_components.tconnectsync.tandem.events import (
    CgmSessionStarted,
    CgmSessionStopped,
    PumpEvent,
)

from .header import Decoder, Header

LONGEST_DAYS = 90
LAST_REASON = 254
FIRST_YEAR = 2015
"""Before this one no sensor talked to these pumps."""


def _dexcom_g6_started(fields: Properties, header: Header) -> PumpEvent:
    return CgmSessionStarted(
        **header,
        joined=header["code"] == 213,
        session_start=_transmitter_time(fields, header, "sessionStartTime"),
        days=_days(fields),
        transmitter_start=_ago(header, fields.seconds("currentTransmitterTime")),
    )


def _dexcom_g7_joined(fields: Properties, header: Header) -> PumpEvent:
    return CgmSessionStarted(
        **header,
        joined=True,
        session_start=_ago(header, fields.seconds("cgmTimestamp")),
        days=None,
        transmitter_start=None,
    )


def _libre_started(fields: Properties, header: Header) -> PumpEvent:
    return CgmSessionStarted(
        **header,
        joined=header["code"] != 404,
        session_start=_sane(header, fields.wall_clock("sessionStartTime")),
        days=_days(fields),
        transmitter_start=None,
    )


def _dexcom_stopped(fields: Properties, header: Header) -> PumpEvent:
    return CgmSessionStopped(
        **header,
        session_start=_transmitter_time(fields, header, "sessionStartTime"),
        session_stop=_transmitter_time(fields, header, "sessionStopTime"),
        days=_days(fields),
        reason=fields.optional_integer("sessionStopReason", 0, LAST_REASON),
    )


def _libre_stopped(fields: Properties, header: Header) -> PumpEvent:
    return CgmSessionStopped(
        **header,
        session_start=_sane(header, fields.wall_clock("sessionStartTime")),
        session_stop=_sane(header, fields.wall_clock("sessionStopTime")),
        days=_days(fields),
        reason=fields.optional_integer("sessionStopReason", 0, LAST_REASON),
    )


def _days(fields: Properties) -> int | None:
    return fields.optional_integer("sessionDuration", 1, LONGEST_DAYS)


def _transmitter_time(fields: Properties, header: Header, key: str) -> datetime | None:
    """Turn a time of the transmitter's own clock, which begins at its first use, into the pump's."""
    now, then = fields.seconds("currentTransmitterTime"), fields.seconds(key)
    return None if now is None or then is None else _ago(header, now - then)


def _ago(header: Header, seconds: int | None) -> datetime | None:
    if seconds is None:
        return None
    return _sane(header, header["pump_time"] - timedelta(seconds=seconds))


def _sane(header: Header, wall: datetime | None) -> datetime | None:
    """Drop what lies after the event that tells it, or before there were such sensors."""
    if wall is None or wall.year < FIRST_YEAR or wall > header["pump_time"]:
        return None
    return wall


DECODERS: dict[int, Decoder] = {
    212: _dexcom_g6_started,
    213: _dexcom_g6_started,
    214: _dexcom_stopped,
    394: _dexcom_g7_joined,
    404: _libre_started,
    405: _libre_stopped,
    406: _libre_started,
    447: _dexcom_stopped,
    477: _libre_started,
    486: _libre_stopped,
}
