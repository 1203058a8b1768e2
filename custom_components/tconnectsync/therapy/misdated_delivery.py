"""Delivery by other pumps whose clock is certainly wrong."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from custom_components.tconnectsync.instants import FAR_FUTURE
from custom_components.tconnectsync.therapy.delivered_insulin import bolus_deliveries
from custom_components.tconnectsync.therapy.history import History


def misdated_until(histories: Sequence[History]) -> datetime | None:
    """Return until when (UTC) a pump with a wrong clock delivered; the first one, in use, does not count.

    Deliveries are uncertain by the wrong clock and by the corrected time, so the later of the two
    counts. A pump that is off or suspended may have a wrong clock forever.
    """
    ends = (end for history in histories[1:] for end in _ends(history))
    return max(ends, default=None)


def _ends(history: History) -> Iterator[datetime]:
    """Yield the ends of all deliveries (UTC), by the wrong clock and by the corrected time."""
    if not (off := history.clock_off):
        return
    logged = history.all_logged
    newest = logged.newest or FAR_FUTURE
    ends = [min(rate.end, newest) for rate in logged.basal if rate.rate]
    ends += (stop.start for stop in logged.suspensions)
    ends += (part.end for part in bolus_deliveries(logged) if part.insulin)
    for end in ends:
        yield from (end, end - off)
