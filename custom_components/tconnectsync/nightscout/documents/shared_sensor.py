"""One sensor that two pumps listened to: what both report of it is written once.

Only what cannot be another: certain clocks, the same pump day, and the same reading at the same instant
or the same kind of session that began or ended within the hour.
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
"""Clocks of two pumps that agree differ by no more; sensors tell a reading a minute at most."""

type Others = Mapping[PumpIdentity, History]
"""What happened to the other pumps."""
type OtherSessions = tuple[
    tuple[PumpIdentity, tuple[CgmSessionStart, ...], tuple[CgmSessionEnd, ...]], ...
]
"""What other pumps with a certain clock reported of sessions."""


def with_certain_clocks(pump: PumpIdentity, history: History, others: Others) -> Others:
    """Return the other pumps whose instants can be compared with those of a pump."""
    if history.clock_doubtful:
        return {}
    return {
        other: one
        for other, one in others.items()
        if other != pump and not one.clock_doubtful
    }


def sessions_of(others: Others) -> OtherSessions:
    """Return what pumps reported of sessions."""
    return tuple(
        (other, one.session_starts, one.session_ends) for other, one in others.items()
    )


def readings_near(
    readings: Sequence[CgmReading], others: Others
) -> tuple[tuple[PumpIdentity, CgmReading], ...]:
    """Return what other pumps read while some readings were taken."""
    if not others:
        return ()
    starts = [one.start for one in readings]
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
    """Return the readings of a pump that no other pump is taken for.

    That is the one whose sensor told it at once, and by their serial numbers where none did or both.
    """
    shown: dict[Any, list[tuple[datetime, bool, str]]] = {}
    for other, one in near:
        place = one.measured, one.backfilled, other.serial_number
        shown.setdefault(_shown(one), []).append(place)

    def is_taken(one: CgmReading) -> bool:
        return any(
            abs(measured - one.measured) <= SAME_READING
            and (backfilled, serial_number) < (one.backfilled, pump.serial_number)
            for measured, backfilled, serial_number in shown.get(_shown(one), ())
        )

    return tuple(one for one in readings if not is_taken(one))


def reported_before[R: CgmSessionStart | CgmSessionEnd](
    record: R, pump: PumpIdentity, others: Iterable[tuple[PumpIdentity, Sequence[R]]]
) -> Iterator[R]:
    """Yield what other pumps reported of the same kind of sensor before a pump reported this."""
    for other, records in others:
        for one in records:
            if one.cgm_type is record.cgm_type and (
                one.start,
                other.serial_number,
            ) < (record.start, pump.serial_number):
                yield one


def _shown(reading: CgmReading) -> object:
    return reading.glucose, reading.state, day_of(reading)
