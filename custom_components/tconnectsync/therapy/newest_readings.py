"""The newest sensor readings, and the change of glucose over five minutes."""

from datetime import timedelta

from custom_components.tconnectsync.instants import FAR_PAST

from .history import History
from .records import CgmReading
from .timeline import between

GLUCOSE_BEHIND = timedelta(minutes=15)
"""How far before the end of the log the newest reading may be and still count as current."""
DELTA_OVER = timedelta(minutes=5)
OFF_BY_AT_MOST = DELTA_OVER / 2


def glucose_delta(
    reading: CgmReading | None, previous: CgmReading | None
) -> int | None:
    """Return the change of glucose scaled to five minutes (mg/dL), None where a value is missing."""
    if (
        reading is None
        or previous is None
        or reading.value is None
        or previous.value is None
    ):
        return None
    apart = reading.measured - previous.measured
    return round((reading.value - previous.value) * (DELTA_OVER / apart))


def newest_readings(
    history: History,
) -> tuple[CgmReading | None, CgmReading | None]:
    """Return the newest reading and the one five minutes before it; None each where there is none.

    Backfilled readings are older than the newest live one, wherever they are in the log.
    """
    newest_first = reversed(history.readings)
    live = next((reading for reading in newest_first if not reading.backfilled), None)
    since = live.measured - GLUCOSE_BEHIND if live else FAR_PAST
    recent = [
        reading
        for reading in between(
            history.readings, min(since, live.start) if live else since
        )
        if (reading.start >= since or reading.dated)
        and (
            live is None
            or reading.key >= live.key
            or since <= reading.measured < live.measured
        )
    ]
    recent.sort(key=lambda reading: reading.measured)
    if not recent or history.newest is None:
        return None, None
    if history.newest - recent[-1].start > GLUCOSE_BEHIND:
        return None, None
    newest = recent.pop()
    before = newest.measured - DELTA_OVER
    previous = min(
        (
            reading
            for reading in recent
            if abs(reading.measured - before) <= OFF_BY_AT_MOST
        ),
        key=lambda reading: abs(reading.measured - before),
        default=None,
    )
    return newest, previous
