"""Which pump days are read: at first, whenever something was uploaded, and after an outage or a loss."""

from dataclasses import dataclass
from datetime import date, timedelta

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.storage.event_store import KEPT_DAYS, EventStore
from custom_components.tconnectsync.storage.read_progress import PumpReadProgress
from custom_components.tconnectsync.tandem import Pump
from custom_components.tconnectsync.tandem.pump_epoch import PUMP_EPOCH
from homeassistant.util import dt as dt_util

USUALLY_LATE = 2 * ONE_DAY
"""How far before the newest known event every poll reads."""
LATE_WITHIN = 28 * ONE_DAY
"""How late data may come and still be found."""
LONGEST_READ = ONE_DAY * (KEPT_DAYS - 1)
LAST_DAY = (PUMP_EPOCH + timedelta(seconds=2**32)).date()
"""No pump can count further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysToRead:
    """The pump days of one read, from the first to the last."""

    first: date
    last: date
    goes_on: bool
    """Whether they follow on what was read before; if not, reading begins anew with the first."""
    left_out_from: date | None
    """The first day of which nothing is read, since only the days after it can be kept."""


def days_to_read(
    pump: Pump, kept: EventStore, reading: PumpReadProgress, days_at_first: timedelta
) -> DaysToRead:
    """Return from two days before the newest known event to the day after the newest that Tandem names.

    Where no event is known it begins some days before the newest, and where some were lost with
    the oldest that may be kept. What only late data brought of days after the last complete read
    does not count as known: days before it may not have been read.
    """
    newest, known, left_out_from = newest_day(pump), kept.newest_day, None
    if known:
        known = min([known, *kept.unwritten])
        if (read_to := reading.read_to) and known - LATE_WITHIN <= read_to < known:
            known = read_to
    last_logged = pump.newest_event.date() if pump.newest_event else newest
    first, goes_on = min(newest, last_logged) - days_at_first, False
    if known:
        since = min(known, newest) - USUALLY_LATE
        first = max(since, newest - LONGEST_READ)
        goes_on = reading.complete_from is not None and known >= first
        left_out_from = since if since < first else None
    if kept.damaged:
        lost = [day - ONE_DAY for day in kept.incomplete_days(newest + ONE_DAY)]
        first, goes_on = min([newest - LONGEST_READ, *lost]), False
    return DaysToRead(
        first=first,
        last=newest + ONE_DAY,
        goes_on=goes_on,
        left_out_from=left_out_from,
    )


def days_read_at_first(days_to_send: int) -> timedelta:
    """Return how far back the first read reaches: a day more than is to be sent, within what is read again."""
    return max(USUALLY_LATE, min(ONE_DAY * (days_to_send + 1), LATE_WITHIN))


def newest_day(pump: Pump) -> date:
    """Return the later of today and the pump's newest event, unless it has long been silent.

    A day far ahead is a placeholder.
    """
    today = dt_util.utcnow().date()
    newest = pump.newest_event.date() if pump.newest_event else today
    if newest > today + ONE_DAY:
        return today
    return newest if today - newest > LATE_WITHIN else max(today, newest)


def day_ahead(pump: Pump) -> date | None:
    """Return the day that a clock far ahead shows, None where it is not; it may be a placeholder."""
    newest, today = pump.newest_event, dt_util.utcnow().date()
    if newest is None or not today + ONE_DAY < newest.date() < LAST_DAY:
        return None
    return newest.date()
