"""A sensor that two pumps listened to: its readings and sessions are written once.

Only certain repeats are left out: the clocks are certain, the pump day is the same, and so is the
reading at the same instant, or the kind of a session that started or ended within the hour.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from custom_components.tconnectsync.nightscout.document import PumpIdentity, day_of
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import (
    CgmReading,
    CgmSessionEnd,
    CgmSessionStart,
)
from custom_components.tconnectsync.therapy.timeline import between

SAME_READING = timedelta(seconds=10)
"""The most by which correct clocks of two pumps differ; a sensor reports at most one reading a minute."""

type Others = Mapping[PumpIdentity, History]
"""The histories of the other pumps."""
type OtherSessions = tuple[
    tuple[PumpIdentity, tuple[CgmSessionStart, ...], tuple[CgmSessionEnd, ...]], ...
]
"""The starts and ends of sessions that other pumps with a certain clock reported."""


def with_certain_clocks(pump: PumpIdentity, history: History, others: Others) -> Others:
    """Return the other pumps with certain clocks, whose instants can be compared with this pump's; none if its own is doubtful."""
    if history.clock_doubtful:
        return {}
    return {
        other: of_other
        for other, of_other in others.items()
        if other != pump and not of_other.clock_doubtful
    }


def sessions_of(others: Others) -> OtherSessions:
    """Return the starts and ends of sessions by pump."""
    return tuple(
        (other, of_other.session_starts, of_other.session_ends)
        for other, of_other in others.items()
    )


def readings_near(
    readings: Sequence[CgmReading], others: Others
) -> tuple[tuple[PumpIdentity, CgmReading], ...]:
    """Return the readings of other pumps near these readings."""
    if not others:
        return ()
    starts = [reading.start for reading in readings]
    since, until = min(starts) - SAME_READING, max(starts) + 2 * SAME_READING
    return tuple(
        (other, reading)
        for other, one in others.items()
        for reading in between(one.readings, since, until)
    )


def own_readings(
    readings: Sequence[CgmReading],
    pump: PumpIdentity,
    near: Iterable[tuple[PumpIdentity, CgmReading]],
) -> tuple[CgmReading, ...]:
    """Return the readings of a pump without those that another pump's documents are about.

    Of equal readings the one that its pump received at once counts; if both or neither was, the one of the
    pump with the lower serial number.
    """
    by_value: dict[Any, list[tuple[datetime, bool, str]]] = {}
    for other, theirs in near:
        by_value.setdefault(_value(theirs), []).append(
            (theirs.measured, theirs.backfilled, other.serial_number)
        )

    def is_theirs(reading: CgmReading) -> bool:
        return any(
            abs(measured - reading.measured) <= SAME_READING
            and (backfilled, serial_number) < (reading.backfilled, pump.serial_number)
            for measured, backfilled, serial_number in by_value.get(_value(reading), ())
        )

    return tuple(reading for reading in readings if not is_theirs(reading))


def reported_before[R: CgmSessionStart | CgmSessionEnd](
    record: R, pump: PumpIdentity, others: Iterable[tuple[PumpIdentity, Sequence[R]]]
) -> Iterator[R]:
    """Yield the records of other pumps about the same type of sensor that were reported before this one."""
    for other, records in others:
        for theirs in records:
            if theirs.cgm_type is record.cgm_type and (
                theirs.start,
                other.serial_number,
            ) < (record.start, pump.serial_number):
                yield theirs


def _value(reading: CgmReading) -> object:
    return reading.glucose, reading.state, day_of(reading)
