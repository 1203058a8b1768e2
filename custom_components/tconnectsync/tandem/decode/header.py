"""The fields that every event has, and the type of the functions that decode the rest."""

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from custom_components.tconnectsync.tandem.checked_fields import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    Properties,
)
from custom_components.tconnectsync.tandem.event_types import PumpEvent, RawEvent


class Header(TypedDict):
    """The fields that every event has."""

    code: int
    group: int
    number: int
    pump_time: datetime


type Decoder = Callable[[Properties, Header], PumpEvent]


def read_header(raw: RawEvent) -> Header | None:
    """Return code, sequence and pump time of an event, or None where they are implausible."""
    try:
        code, group = raw["eventCode"], raw["sequenceGroup"]
        number, reported = raw["sequenceNumber"], raw["pumpDateTime"]
        pump_time = datetime.fromisoformat(reported)
    except KeyError, TypeError, ValueError:
        return None
    if type(code) is not int or type(group) is not int or type(number) is not int:
        return None
    if code < 0 or group < 0 or number < 0:
        return None
    if not EARLIEST_YEAR <= pump_time.year <= LATEST_YEAR:
        return None
    if pump_time.tzinfo:
        pump_time = pump_time.replace(tzinfo=None)
    return {"code": code, "group": group, "number": number, "pump_time": pump_time}
