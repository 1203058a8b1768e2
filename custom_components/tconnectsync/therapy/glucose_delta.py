"""How glucose changed over the last five minutes."""

from datetime import timedelta

from custom_components.tconnectsync.instants import FAR_PAST

from .history import History
from .records import CgmReading
from .timeline import between

GLUCOSE_BEHIND = timedelta(minutes=15)
"""How far glucose may end before the log and still be of now."""
DELTA_OVER = timedelta(minutes=5)
OFF_BY_AT_MOST = DELTA_OVER / 2


def glucose_delta(
    reading: CgmReading | None, previous: CgmReading | None
) -> int | None:
    """Return the change over five minutes (mg/dL), however far apart two readings are."""
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
    """Return the newest reading and one of five minutes before; what is filled in later is older."""
    newest_first = reversed(history.readings)
    live = next((one for one in newest_first if not one.backfilled), None)
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
        (one for one in recent if abs(one.measured - before) <= OFF_BY_AT_MOST),
        key=lambda one: abs(one.measured - before),
        default=None,
    )
    return newest, previous
