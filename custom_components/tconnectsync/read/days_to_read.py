"""The pump days to read: at first, after every upload, and after an outage or a loss."""

from dataclasses import dataclass
from datetime import date, timedelta

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.storage.event_store import KEPT_DAYS, EventStore
from custom_components.tconnectsync.storage.read_progress import PumpReadProgress
from custom_components.tconnectsync.tandem import Pump
from custom_components.tconnectsync.tandem.pump_epoch import PUMP_EPOCH
from homeassistant.util import dt as dt_util

USUALLY_LATE = 2 * ONE_DAY
"""How far before the newest stored event every poll reads."""
LATE_WITHIN = 28 * ONE_DAY
"""How late data may arrive and still be found."""
LONGEST_READ = ONE_DAY * (KEPT_DAYS - 1)
LAST_DAY = (PUMP_EPOCH + timedelta(seconds=2**32)).date()
"""The last day that a pump's clock can show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysToRead:
    """The pump days of one read, from the first to the last."""

    first: date
    last: date
    goes_on: bool
    """Whether they follow the days read before; if not, reading starts again with the first."""
    left_out_from: date | None
    """The first of the days that are left out, because only later ones can be stored."""


def days_to_read(
    pump: Pump,
    events: EventStore,
    progress: PumpReadProgress,
    days_at_first: timedelta,
) -> DaysToRead:
    """Return the days from two before the newest stored event to one after the newest that Tandem names.

    Without stored events they start some days before the newest, and after a loss with the oldest
    day that may be stored. Events of days after the last complete read, which only reading late data
    brought, do not count as stored: the days before them may not have been read.
    """
    newest, stored_until, left_out_from = newest_day(pump), events.newest_day, None
    if stored_until:
        stored_until = min([stored_until, *events.unwritten])
        if (
            read_to := progress.read_to
        ) and stored_until - LATE_WITHIN <= read_to < stored_until:
            stored_until = read_to
    last_logged = pump.newest_event.date() if pump.newest_event else newest
    first, goes_on = min(newest, last_logged) - days_at_first, False
    if stored_until:
        since = min(stored_until, newest) - USUALLY_LATE
        first = max(since, newest - LONGEST_READ)
        goes_on = progress.complete_from is not None and stored_until >= first
        left_out_from = since if since < first else None
    if events.damaged:
        lost = [day - ONE_DAY for day in events.incomplete_days(newest + ONE_DAY)]
        first, goes_on = min([newest - LONGEST_READ, *lost]), False
    return DaysToRead(
        first=first,
        last=newest + ONE_DAY,
        goes_on=goes_on,
        left_out_from=left_out_from,
    )


def days_read_at_first(days_to_send: int) -> timedelta:
    """Return how far back the first read reaches: one day more than is sent, between two days and four weeks."""
    return max(USUALLY_LATE, min(ONE_DAY * (days_to_send + 1), LATE_WITHIN))


def newest_day(pump: Pump) -> date:
    """Return the later of today and the day of the pump's newest event.

    That day alone after four silent weeks; today alone where it is far ahead, a placeholder.
    """
    today = dt_util.utcnow().date()
    newest = pump.newest_event.date() if pump.newest_event else today
    if newest > today + ONE_DAY:
        return today
    return newest if today - newest > LATE_WITHIN else max(today, newest)


def day_ahead(pump: Pump) -> date | None:
    """Return the day that a clock far ahead shows, which may be a placeholder; None where it is not ahead."""
    newest, today = pump.newest_event, dt_util.utcnow().date()
    if newest is None or not today + ONE_DAY < newest.date() < LAST_DAY:
        return None
    return newest.date()
