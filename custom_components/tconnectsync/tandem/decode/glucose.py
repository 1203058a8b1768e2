"""Glucose that was entered, read by a sensor or predicted."""

from datetime import timedelta

from custom_components.tconnectsync.tandem.checked_fields import (
    MalformedEvent,
    Properties,
)
from custom_components.tconnectsync.tandem.enums import GlucoseStatus
from custom_components.tconnectsync.tandem.event_types import (
    CgmReadingLogged,
    GlucoseEntered,
    GlucosePredicted,
    PumpEvent,
)

from .header import Decoder, Header

HIGHEST_ENTRY = 1000
LAST_VALUE = 65534
BACKFILLED, ONE_MINUTE = 1, 5
"""Bits of cgmDataType."""
NO_VALUE = 4
VALUE = frozenset({5, 6, 7})
"""Bits of egvInfoBitmask: nothing was measured; its time, value and algorithm state are valid."""
SENSOR_REMEMBERS = timedelta(days=15)
"""The longest that any of the sensors is in use."""
CLOCK_MAY_HAVE_MOVED = timedelta(days=1)


def _glucose_entered(fields: Properties, header: Header) -> PumpEvent:
    return GlucoseEntered(
        **header,
        glucose=fields.optional_integer("bg", 1, HIGHEST_ENTRY),
        from_cgm=fields.optional_flag("bgEntryType"),
        insulin_on_board=fields.insulin_on_board(),
    )


def _cgm_reading(fields: Properties, header: Header) -> PumpEvent:
    read_at = fields.wall_clock("egvTimeStamp")
    if (
        read_at is None
        or not -CLOCK_MAY_HAVE_MOVED
        <= header["pump_time"] - read_at
        <= SENSOR_REMEMBERS
    ):
        raise MalformedEvent("egvTimeStamp")
    rate = fields.optional_number("rate", -100, 100)
    status = fields.enum("glucoseValueStatus", GlucoseStatus)
    kinds = fields.bits("cgmDataType")
    return CgmReadingLogged(
        **header,
        read_at=read_at,
        status=status,
        value=fields.count("currentGlucoseDisplayValue", LAST_VALUE),
        rate=None if rate is None else rate / 10,
        signal=fields.optional_integer("rssi", -126, -1),
        algorithm_state=fields.optional_integer("algorithmState", 0, 254),
        is_value=_is_value(status, fields.bits("egvInfoBitmask")),
        one_minute=ONE_MINUTE in kinds,
        backfilled=BACKFILLED in kinds,
    )


def _is_value(status: GlucoseStatus, info: frozenset[int]) -> bool:
    """Return whether the pump marks a reading as a value; one too low or too high has no valid number and still counts."""
    if not info:
        return True
    return NO_VALUE not in info and (status is not GlucoseStatus.VALUE or info >= VALUE)


def _predicted_glucose(fields: Properties, header: Header) -> PumpEvent:
    glucose = fields.optional_integer("pgv", 1, HIGHEST_ENTRY)
    return GlucosePredicted(
        **header, glucose=glucose if fields.flag("pgvValid") else None
    )


DECODERS: dict[int, Decoder] = {
    16: _glucose_entered,
    140: _predicted_glucose,
    256: _cgm_reading,
    372: _cgm_reading,
    399: _cgm_reading,
    480: _cgm_reading,
}
